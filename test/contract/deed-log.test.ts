import { dynamoDeedLog, dynamoDeedQueries } from "@tallyman/aws/dynamodb/deed-log";
import type { Deed, DeedLog, DeedQueries } from "@tallyman/domain/history/deed";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { aDigest } from "../builders/digest.ts";
import { aRepository } from "../builders/registry.ts";
import { memoryDeedLog } from "../fakes/memory-deed-log.ts";
import { type Dynamo, startDynamo } from "./dynamo-table.ts";

const WEB = aRepository("prod/web");
const WEST = aRepository("prod/web", { region: "us-west-2" });
const A = aDigest("A");
const B = aDigest("B");
const FORGET_AT = "2028-11-15T01:54:34.000Z";

function aDeed(overrides: Partial<Deed> = {}): Deed {
  return {
    ...WEB,
    event: "6f4e8e8a-a2ee-4a33-b5fd-2a1a3b8ac0b2",
    place: 0,
    at: "2026-11-16T01:54:34.000Z",
    action: "delete",
    by: "arn:aws:iam::111122223333:user/somebody",
    digest: A,
    ...overrides,
  };
}

type Log = DeedLog & DeedQueries;

function describeLog(name: string, open: () => Promise<Log>): void {
  describe(name, () => {
    let log: Log;
    beforeEach(async () => {
      log = await open();
    });
    const listed = async (about: Parameters<DeedQueries["listDeeds"]>[0]) =>
      (await log.listDeeds(about, { limit: 100 })).items;

    test("a deed is kept as it was told, with all that is known of it", async () => {
      const full = aDeed({
        action: "expire",
        tag: "1.4.2",
        rule: "lifecycle rule 1: keep ten",
        failure: "held",
      });
      const bare: Deed = { ...WEB, event: "2", place: 0, at: full.at, action: "create-repository", by: "me" };
      await log.append(full, FORGET_AT);
      await log.append(bare, FORGET_AT);
      expect(await listed({ repository: WEB })).toEqual([bare, full]);
    });

    test("a deed is written once: the same record and place again change nothing", async () => {
      await log.append(aDeed(), FORGET_AT);
      await log.append(aDeed({ by: "somebody else" }), FORGET_AT);
      await log.append(aDeed({ place: 1 }), FORGET_AT);
      await log.append(aDeed({ event: "another" }), FORGET_AT);
      const deeds = await listed({ repository: WEB });
      expect(deeds.map(({ event, place, by }) => [event.slice(0, 4), place, by === aDeed().by])).toEqual([
        ["6f4e", 0, true],
        ["6f4e", 1, true],
        ["anot", 0, true],
      ]);
    });

    test("a repository's are listed oldest first, page by page, of this one alone", async () => {
      for (const minute of [3, 1, 2, 5, 4]) {
        await log.append(aDeed({ at: `2026-11-16T01:0${minute}:00.000Z`, event: `${minute}` }), FORGET_AT);
      }
      await log.append(aDeed({ ...WEST }), FORGET_AT);
      await log.append(aDeed({ ...aRepository("prod/web2") }), FORGET_AT);
      const found: string[] = [];
      let next: string | undefined;
      do {
        const page = await log.listDeeds({ repository: WEB }, { limit: 2, ...(next && { next }) });
        expect(page.items.length).toBeLessThanOrEqual(2);
        found.push(...page.items.map(({ event }) => event));
        next = page.next;
      } while (next !== undefined);
      expect(found).toEqual(["1", "2", "3", "4", "5"]);
      const since = await listed({ repository: WEB, from: "2026-11-16T01:03:00.000Z" });
      expect(since.map(({ event }) => event)).toEqual(["3", "4", "5"]);
    });

    test("a digest's are found in every repository, or in one", async () => {
      await log.append(aDeed({ event: "1" }), FORGET_AT);
      await log.append(aDeed({ event: "2", ...WEST }), FORGET_AT);
      await log.append(aDeed({ event: "3", digest: B }), FORGET_AT);
      const events = async (about: Parameters<DeedQueries["listDeeds"]>[0]) =>
        (await listed(about)).map(({ event }) => event);
      expect(await events({ digest: A })).toEqual(["1", "2"]);
      expect(await events({ digest: A, repository: WEST })).toEqual(["2"]);
      expect(await events({ digest: B })).toEqual(["3"]);
      expect(await events({ digest: aDigest("nobody's") })).toEqual([]);
    });
  });
}

describeLog("in memory", async () => memoryDeedLog());

describe("over DynamoDB", () => {
  let dynamo: Dynamo;
  beforeAll(async () => {
    dynamo = await startDynamo();
  });
  afterAll(() => dynamo.close());

  describeLog("deeds", async () => {
    const table = await dynamo.newTable();
    return { ...dynamoDeedLog(table), ...dynamoDeedQueries(table) };
  });
});

test("a deed goes when it may be forgotten", async () => {
  const items: Record<string, unknown>[] = [];
  const putNew = async (item: Record<string, unknown>) => items.push(item) > 0;
  // Only what is written is looked at: what becomes of `expiresAt` is DynamoDB's.
  await dynamoDeedLog({ putNew } as never).append(aDeed(), FORGET_AT);
  expect(items[0]?.["expiresAt"]).toBe(Date.parse(FORGET_AT) / 1000);
});
