import type { ReplicaRecord } from "@tallyman/domain/inventory/records";
import { describe, expect, test } from "vitest";
import { aReplicaRecord } from "../builders/records.ts";
import { all, describeInventories } from "./inventories.ts";

const AT = "2026-11-16T01:56:35.000Z";
const LATER = "2026-11-16T02:06:35.000Z";
const FAR = "2027-01-01T00:00:00.000Z";
const expected = aReplicaRecord({ checkAt: AT });

describeInventories((inventory) => {
  describe("a copy that is to be looked for", () => {
    test("is listed from its time on, that millisecond included", async () => {
      const { replicas } = inventory();
      await replicas.putReplica(expected);
      expect(await all(replicas.listDue("2026-11-16T01:56:34.999Z"))).toEqual([]);
      expect(await all(replicas.listDue(AT))).toEqual([expected]);
      expect(await all(replicas.listDue(FAR))).toEqual([expected]);
    });

    test("that was put off is listed at its new time only", async () => {
      const { replicas } = inventory();
      const later: ReplicaRecord = { ...expected, checkAt: LATER, version: 2 };
      await replicas.putReplica(expected);
      await replicas.putReplica(later);
      expect(await all(replicas.listDue(AT))).toEqual([]);
      expect(await all(replicas.listDue(LATER))).toEqual([later]);
    });

    test.each(["overdue", "failed"] as const)("is listed as %s and as due at once", async (state) => {
      const { replicas, queries } = inventory();
      const late: ReplicaRecord = { ...expected, state };
      await replicas.putReplica(late);
      expect(await all(replicas.listDue(AT))).toEqual([late]);
      expect((await queries.listReplicas({ overdue: true }, { limit: 10 })).items).toEqual([late]);
    });

    test.each(["arrived", "overdue", "failed"] as const)(
      "is not listed as due any more once it is %s for good",
      async (state) => {
        const { replicas } = inventory();
        const { checkAt: _, ...settled } = expected;
        await replicas.putReplica(expected);
        await replicas.putReplica({ ...settled, state, version: 2 });
        expect(await all(replicas.listDue(FAR))).toEqual([]);
      },
    );

    test("is one of many in all shards, some of them late", async () => {
      const { replicas } = inventory();
      for (let i = 0; i < 40; i++) {
        const state = i % 4 === 0 ? "overdue" : "pending";
        await replicas.putReplica({ ...expected, tag: `1.0.${i}`, state });
      }
      const listed = await all(replicas.listDue(AT));
      expect(new Set(listed.map(({ tag }) => tag)).size).toBe(40);
    });
  });

  test("late copies that are still looked for are listed before those that nobody looks for", async () => {
    const { replicas, queries } = inventory();
    const { checkAt: _, ...settled } = expected;
    await replicas.putReplica({ ...settled, tag: "given-up", state: "failed" });
    await replicas.putReplica({ ...expected, tag: "looked-for", state: "overdue" });
    const first = await queries.listReplicas({ overdue: true }, { limit: 1 });
    expect(first.items.map(({ tag }) => tag)).toEqual(["looked-for"]);
    const rest = await queries.listReplicas(
      { overdue: true },
      { limit: 1, ...(first.next !== undefined && { next: first.next }) },
    );
    expect(rest.items.map(({ tag }) => tag)).toEqual(["given-up"]);
  });
});
