import type { ImageRecord, TagPointer } from "@tallyman/domain/inventory/records";
import type { Settled } from "@tallyman/domain/inventory/settled";
import type { UsageRecord } from "@tallyman/domain/usage/evidence";
import { expect, test } from "vitest";
import { anImageRecord, aTagPointer, ended } from "../../../../test/builders/records.ts";
import { dynamoImageStore } from "./image-store.ts";
import type { Item, Table } from "./table.ts";
import { dynamoTagStore } from "./tag-store.ts";
import { dynamoUsageStore } from "./usage-store.ts";

// The items that records become: what the table forgets by itself, and when. That it does is test/integration/a-life.test.ts.

const FORGET_AT = "2028-11-15T01:54:35.000Z";
const SECONDS = Date.parse(FORGET_AT) / 1000;
const DAY = 86_400;

type Written = { readonly history: Item | undefined; readonly record: Item | undefined };

async function written(write: (table: Table) => Promise<void>): Promise<Written> {
  const [history, records]: [Item[], Item[]] = [[], []];
  await write({
    putNew: async (item: Item) => history.push(item) > 0,
    putFenced: async (item: Item) => void records.push(item),
  } as unknown as Table);
  return { history: history[0], record: records[0] };
}

const put = (record: ImageRecord, settled?: Settled<ImageRecord>) =>
  written((table) => dynamoImageStore(table).putImage(record, settled));
const move = (settled: Settled<TagPointer> | undefined, next: TagPointer) =>
  written((table) => dynamoTagStore(table).moveTag(settled, next));

test("an image that is there is kept for ever", async () => {
  expect((await put(anImageRecord())).record).not.toHaveProperty("expiresAt");
});

test("an image that is gone goes a day after its history, so that a new life meets none of the old one", async () => {
  const open = anImageRecord();
  const closed = anImageRecord({ state: "closed", forgetAt: FORGET_AT, version: 2 });
  const { history, record } = await put(closed, ended(open));
  expect([history?.["expiresAt"], record?.["expiresAt"]]).toEqual([SECONDS, SECONDS + DAY]);
});

test("an image that came back is kept for ever, its earlier life is not", async () => {
  const closed = anImageRecord({ state: "closed", forgetAt: "2027-01-01T00:00:00.000Z" });
  const { history, record } = await put(anImageRecord({ version: 2 }), ended(closed));
  expect(record).not.toHaveProperty("expiresAt");
  expect(history?.["expiresAt"]).toBe(SECONDS);
});

test("a tag that is there is kept for ever, where it was is not", async () => {
  const first = aTagPointer();
  const { history, record } = await move(ended(first), aTagPointer({ digest: "sha256:b", version: 2 }));
  expect(record).not.toHaveProperty("expiresAt");
  expect(history?.["expiresAt"]).toBe(SECONDS);
});

test("a tag that is gone goes a day after its history", async () => {
  const gone = aTagPointer({ digest: null, version: 2, forgetAt: FORGET_AT });
  const { history, record } = await move(ended(aTagPointer()), gone);
  expect([history?.["expiresAt"], record?.["expiresAt"]]).toEqual([SECONDS, SECONDS + DAY]);
});

test("what changed is listed by the day and time of its change, with a name of its own", async () => {
  const image = await put(anImageRecord({ changedAt: "2026-11-21T23:59:59.999Z" }));
  const tag = await move(undefined, aTagPointer({ since: "2026-11-22T00:00:00.000Z" }));
  expect(image.record).toMatchObject({
    gsi2pk: expect.stringMatching(/^CHANGED#2026-11-21#[0-9a-f]$/),
    gsi2sk: `2026-11-21T23:59:59.999Z#111122223333#us-east-1#prod/web#${anImageRecord().digest}`,
  });
  expect(tag.record).toMatchObject({
    gsi2pk: expect.stringMatching(/^CHANGED#2026-11-22#[0-9a-f]$/),
    gsi2sk: "2026-11-22T00:00:00.000Z#111122223333#us-east-1#prod/web#1.4.2",
  });
});

test("a use is kept for ever while nothing says when it may go, and then goes at once", async () => {
  const use = {
    subject: { digest: "sha256:a" },
    ...{ source: "ecs", scope: "prod", account: "111122223333", cluster: "", service: "service/web" },
    ...{ kinds: ["running" as const], image: "web:1", firstSeen: FORGET_AT, version: 1 },
  };
  const putUse = (record: UsageRecord) => written((table) => dynamoUsageStore(table).putUsage(record));
  expect((await putUse(use)).record).not.toHaveProperty("expiresAt");
  expect((await putUse({ ...use, forgetAt: FORGET_AT })).record?.["expiresAt"]).toBe(SECONDS);
});
