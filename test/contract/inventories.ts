import { dynamoAuditTrail } from "@tallyman/aws/dynamodb/audit-trail";
import { dynamoBrakeStore } from "@tallyman/aws/dynamodb/brake-store";
import { dynamoImageStore } from "@tallyman/aws/dynamodb/image-store";
import { dynamoInventoryQueries } from "@tallyman/aws/dynamodb/inventory-queries";
import { dynamoManifestStore, type ManifestBodies } from "@tallyman/aws/dynamodb/manifest-store";
import { dynamoNoticeLog } from "@tallyman/aws/dynamodb/notice-log";
import { dynamoRegistryRecords } from "@tallyman/aws/dynamodb/registry-records";
import { dynamoReplicaStore } from "@tallyman/aws/dynamodb/replica-store";
import { dynamoRunLog } from "@tallyman/aws/dynamodb/run-log";
import { dynamoSummaryStore } from "@tallyman/aws/dynamodb/summary-store";
import type { Table } from "@tallyman/aws/dynamodb/table";
import { dynamoTagStore } from "@tallyman/aws/dynamodb/tag-store";
import { dynamoViolationStore } from "@tallyman/aws/dynamodb/violation-store";
import type { NoticeLog } from "@tallyman/domain/notice/notice-log";
import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import { type MemoryInventory, memoryInventory } from "../fakes/memory-inventory.ts";
import { memoryListings } from "../fakes/memory-listings.ts";
import { memoryNoticeLog } from "../fakes/memory-notice-log.ts";
import { type Dynamo, startDynamo } from "./dynamo-table.ts";

/** How many items were written, and a worker that is killed right before it writes one of a kind. */
export type Probe = {
  writes(): number;
  killBeforePointer: boolean;
  killBefore: "image" | "history" | undefined;
};

export type Inventory = Omit<MemoryInventory, "journal"> & {
  readonly noticeLog: NoticeLog;
  readonly probe: Probe;
};

/** Every store over one table; the bodies of manifests are in memory. */
export function dynamoInventory(unwatched: Table): Inventory {
  const { table, probe } = watched(unwatched);
  return {
    probe,
    images: dynamoImageStore(table),
    tags: dynamoTagStore(table),
    manifests: dynamoManifestStore(table, memoryBodies()),
    violations: dynamoViolationStore(table),
    replicas: dynamoReplicaStore(table),
    summaries: dynamoSummaryStore(table),
    registries: dynamoRegistryRecords(table),
    runs: dynamoRunLog(table),
    listings: memoryListings(),
    brake: dynamoBrakeStore(table),
    audit: dynamoAuditTrail(table),
    queries: dynamoInventoryQueries(table),
    noticeLog: dynamoNoticeLog(table),
  };
}

function memoryBodies(): ManifestBodies {
  const bodies = new Map<string, Uint8Array>();
  return {
    putBody: async (digest, _mediaType, bytes) => void bodies.set(digest, bytes),
    getBody: async (digest) => {
      const bytes = bodies.get(digest);
      if (!bytes) throw new Error(`no body of ${digest}`);
      return bytes;
    },
  };
}

function watched(table: Table): { table: Table; probe: Probe } {
  let writes = 0;
  const probe: Probe = { writes: () => writes, killBeforePointer: false, killBefore: undefined };
  const counted = {
    ...table,
    async putFenced(item: Parameters<Table["putFenced"]>[0]) {
      if (probe.killBeforePointer && item.sk.startsWith("T#")) throw new Error("killed");
      if (probe.killBefore === "image" && item.sk.startsWith("I#")) throw new Error("killed");
      await table.putFenced(item);
      writes++;
    },
    async putNew(item: Parameters<Table["putNew"]>[0]) {
      if (probe.killBefore === "history" && item.pk.endsWith("#H")) throw new Error("killed");
      const wrote = await table.putNew(item);
      if (wrote) writes++;
      return wrote;
    },
  };
  return { table: counted, probe };
}

function watchedMemory(): Inventory {
  const { journal, ...stores } = memoryInventory();
  const probe: Probe = {
    writes: () => journal.writes.length,
    killBeforePointer: false,
    killBefore: undefined,
  };
  journal.before = (write) => {
    if (probe.killBeforePointer && write.kind === "tag") throw new Error("killed");
    if (probe.killBefore === "image" && write.kind === "image") throw new Error("killed");
    if (probe.killBefore === "history" && write.kind.endsWith("-history")) throw new Error("killed");
  };
  return { ...stores, noticeLog: memoryNoticeLog(), probe };
}

/**
 * Defines the same tests over memory and over DynamoDB, opened both ways unless no single item is got; each test has an
 * inventory of its own, empty.
 */
export function describeInventories(
  define: (inventory: () => Inventory) => void,
  { gets = true }: { readonly gets?: boolean } = {},
): void {
  describe("in memory", () => {
    let inventory: Inventory;
    beforeEach(() => {
      inventory = watchedMemory();
    });
    define(() => inventory);
  });

  const opened = [
    ["in DynamoDB", { together: false }],
    ["in DynamoDB, items of a turn read together", { together: true }],
  ] as const;
  describe.each(gets ? opened : opened.slice(0, 1))("%s", (_, ways) => {
    let dynamo: Dynamo;
    let inventory: Inventory;
    beforeAll(async () => {
      dynamo = await startDynamo();
    });
    afterAll(() => dynamo.close());
    beforeEach(async () => {
      inventory = dynamoInventory(await dynamo.newTable(ways));
    });
    define(() => inventory);
  });
}

/** All items of a list. */
export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}
