import { INITIAL_BRAKE } from "@tallyman/domain/brake/brake";
import { FenceConflictError } from "@tallyman/domain/inventory/errors";
import { describe, expect, test } from "vitest";
import { aDigest } from "../builders/digest.ts";
import { anImageRecord, aReplicaRecord, aSummary, aViolationRecord, ended } from "../builders/records.ts";
import { aRepository, HUB } from "../builders/registry.ts";
import { all, describeInventories, type Inventory } from "./inventories.ts";

type Stored = { readonly version: number };
type Case = {
  readonly name: string;
  readonly record: Stored;
  put(inventory: Inventory, record: Stored): Promise<void>;
  find(inventory: Inventory): Promise<Stored | undefined>;
};

function fenced<T extends Stored>(
  name: string,
  record: T,
  store: { put: (inventory: Inventory, record: T) => Promise<void>; find: Case["find"] },
): Case {
  return { name, record, find: store.find, put: (inventory, it) => store.put(inventory, it as T) };
}

const image = anImageRecord({ subject: aDigest("subject"), lastPulledAt: "2026-11-17T00:00:00.000Z" });
const violation = aViolationRecord();
const replica = aReplicaRecord({
  tag: "",
  failureCode: "AccessDenied",
  noticedAt: image.firstSeenAt,
  checkAt: image.firstSeenAt,
});
const brake = {
  on: false,
  reason: "go",
  by: "arn:aws:iam::111122223333:user/test",
  at: image.firstSeenAt,
  version: 1,
};

const at = image.firstSeenAt;
const run = {
  ...HUB,
  run: "asked-1",
  kind: "changed" as const,
  startedAt: at,
  listedAt: at,
  repositories: 3,
  completedAt: at,
  lastCompletedAt: at,
  lastError: "throttled",
  lastErrorAt: at,
  gaveUp: { at, repository: "prod/web", reason: "throttled" },
  owedSince: at,
  version: 1,
};
const counts = { images: 5, tags: 6, openViolations: 1, billedBytes: 9, archivedBytes: 2, sharedBytes: 3 };
const byResourceTag = { "team=web": { repositories: 1, images: 5, billedBytes: 9, archivedBytes: 2 } };
const totals = {
  ...HUB,
  asOf: at,
  repositories: 2,
  ...counts,
  imagesOfUnknownSize: 0,
  byResourceTag,
  tagKeysLeftOut: ["Name"],
  version: 1,
};
const findings = [
  { check: "reachable" as const, ok: false, reason: "no answer", remedy: "try again" },
  { check: "exclusion" as const, ok: false, reason: "not looked at", blockedBy: "reachable" as const },
];
const check = { ...HUB, check: "c-1", checkedAt: at, findings, version: 1 };

const CASES: readonly Case[] = [
  fenced("an image", image, {
    put: ({ images }, it) => images.putImage(it),
    find: ({ images }) => images.findImage(image, image.digest),
  }),
  fenced("a violation", violation, {
    put: ({ violations }, it) => violations.putViolation(it),
    find: ({ violations }) => violations.findViolation(violation),
  }),
  fenced("a replica without a tag", replica, {
    put: ({ replicas }, it) => replicas.putReplica(it),
    find: ({ replicas }) => replicas.findReplica(replica),
  }),
  fenced("a summary", aSummary({ completeSince: image.firstSeenAt, lastError: "throttled" }), {
    put: ({ summaries }, it) => summaries.putSummary(it),
    find: ({ summaries }) => summaries.findSummary(aRepository()),
  }),
  fenced("a registry's run", run, {
    put: ({ registries }, it) => registries.putRun(it),
    find: ({ registries }) => registries.findRun(HUB),
  }),
  fenced("a registry's totals", totals, {
    put: ({ registries }, it) => registries.putTotals(it),
    find: ({ registries }) => registries.findTotals(HUB),
  }),
  fenced("a registry's check", check, {
    put: ({ registries }, it) => registries.putCheck(it),
    find: ({ registries }) => registries.findCheck(HUB),
  }),
  fenced("the brake", brake, {
    put: (inventory, it) => inventory.brake.putBrake(it),
    find: async (inventory) => {
      const current = await inventory.brake.readBrake();
      return current.version === 0 ? undefined : current;
    },
  }),
];

describeInventories((inventory) => {
  describe.each(CASES)("$name", ({ record, put, find }) => {
    test("is not there at first, and is read as it was written, field by field", async () => {
      expect(await find(inventory())).toBeUndefined();
      await put(inventory(), record);
      expect(await find(inventory())).toEqual(record);
    });

    test("is replaced by the next version only", async () => {
      await put(inventory(), record);
      await put(inventory(), { ...record, version: 2 });
      await expect(put(inventory(), { ...record, version: 2 })).rejects.toThrow(FenceConflictError);
      await expect(put(inventory(), { ...record, version: 4 })).rejects.toThrow(FenceConflictError);
      await expect(put(inventory(), record)).rejects.toThrow(FenceConflictError);
      expect(await find(inventory())).toEqual({ ...record, version: 2 });
    });

    test("cannot begin with a later version", async () => {
      await expect(put(inventory(), { ...record, version: 2 })).rejects.toThrow(FenceConflictError);
      expect(await find(inventory())).toBeUndefined();
    });

    test("of two writers at once takes one", async () => {
      const outcomes = await Promise.allSettled([put(inventory(), record), put(inventory(), record)]);
      expect(outcomes.map((it) => it.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    });
  });

  test("a brake that was never set is on", async () => {
    expect(await inventory().brake.readBrake()).toEqual(INITIAL_BRAKE);
  });

  test("a repository lists its open images and no other repository's", async () => {
    const { images } = inventory();
    await images.putImage(image);
    await images.putImage(anImageRecord({ digest: aDigest("closed"), state: "closed" }));
    await images.putImage(anImageRecord({ repository: "prod/web2", digest: aDigest("other") }));
    await images.putImage(anImageRecord({ region: "us-west-2", digest: aDigest("west") }));
    expect(await all(images.listImages(aRepository()))).toEqual([image]);
  });

  test("an image that opens again keeps its earlier life, also when that write is repeated", async () => {
    const { images } = inventory();
    const closed = anImageRecord({ version: 1, state: "closed", closedAt: image.firstSeenAt });
    await images.putImage(closed);
    await images.putImage({ ...image, version: 2 }, ended(closed));
    await expect(images.putImage({ ...image, version: 2 }, ended(closed))).rejects.toThrow(
      FenceConflictError,
    );
    expect((await images.findImage(image, image.digest))?.state).toBe("open");
  });

  test("a registry's repositories are known by their summaries, each once", async () => {
    const { summaries } = inventory();
    await summaries.putSummary(aSummary({ repository: "prod/web" }));
    await summaries.putSummary(aSummary({ repository: "prod/web", version: 2 }));
    await summaries.putSummary(aSummary({ repository: "dev/web" }));
    await summaries.putSummary(aSummary({ repository: "west/web", region: "us-west-2" }));
    const names = await all(summaries.listRepositories({ account: "111122223333", region: "us-east-1" }));
    expect(names.toSorted()).toEqual(["dev/web", "prod/web"]);
  });

  test("a repository lists its open violations", async () => {
    const { violations } = inventory();
    await violations.putViolation(violation);
    await violations.putViolation(aViolationRecord({ tag: "old", state: "closed" }));
    await violations.putViolation(aViolationRecord({ repository: "dev/web" }));
    expect(await all(violations.listOpenViolations(aRepository()))).toEqual([violation]);
  });
});
