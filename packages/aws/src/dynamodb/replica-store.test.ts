import type { ReplicaRecord } from "@tallyman/domain/inventory/records";
import { expect, test } from "vitest";
import { aReplicaRecord } from "../../../../test/builders/records.ts";
import { dynamoReplicaStore } from "./replica-store.ts";
import type { Item, Table } from "./table.ts";

const AT = "2026-11-16T01:56:35.000Z";
const NAME = `111122223333#us-west-2#prod/web#${aReplicaRecord().digest}#1.4.2`;

/** The item that a record becomes. What is read back is held by test/contract/due-replicas.test.ts. */
async function itemOf(record: ReplicaRecord): Promise<Item | undefined> {
  const items: Item[] = [];
  const table = { putFenced: async (item: Item) => void items.push(item) } as unknown as Table;
  await dynamoReplicaStore(table).putReplica(record);
  return items[0];
}

test.each<[Partial<ReplicaRecord>, RegExp, string]>([
  [{ state: "pending", checkAt: AT }, /^PENDING#[0-9a-f]$/, `${AT}#${NAME}`],
  [{ state: "overdue", checkAt: AT }, /^OVERDUE#[0-9a-f]$/, `${AT}#${NAME}`],
  [{ state: "failed", checkAt: AT }, /^OVERDUE#[0-9a-f]$/, `${AT}#${NAME}`],
  [{ state: "overdue" }, /^OVERDUE#[0-9a-f]$/, `SETTLED#2026-11-16T01:54:35.000Z#${NAME}`],
])("a copy that is %o lies in the index as the layout says", async (overrides, partition, sort) => {
  expect(await itemOf(aReplicaRecord(overrides))).toMatchObject({
    gsi2pk: expect.stringMatching(partition),
    gsi2sk: sort,
  });
});

test("a copy that arrived lies in no index but that of its digest, and costs no write there", async () => {
  const item = await itemOf(aReplicaRecord({ state: "arrived", arrivedAt: AT }));
  expect(item).toMatchObject({ gsi1pk: `D#${aReplicaRecord().digest}` });
  expect(item).not.toHaveProperty("gsi2pk");
  expect(item).not.toHaveProperty("gsi2sk");
});
