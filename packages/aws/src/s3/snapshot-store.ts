import { isDeepStrictEqual } from "node:util";
import { SnapshotConflictError } from "@tallyman/domain/usage/errors";
import { type Snapshot, UsageReport } from "@tallyman/domain/usage/evidence";
import type { SnapshotStore } from "@tallyman/domain/usage/ports";
import * as z from "@tallyman/domain/zod";
import type { Bucket } from "./bucket.ts";
import { EVIDENCE_TYPE, keyPart, packed, unpacked } from "./evidence-object.ts";

const StoredSnapshot: z.ZodMiniType<Snapshot> = z.object({
  ...z.omit(UsageReport, { complete: true }).shape,
  source: z.string(),
  account: z.string(),
  receivedAt: z.string(),
});

/** Reports under `usage/snapshots/<source>/<scope>/<sequence>.json.gz`. */
export function s3SnapshotStore(bucket: Bucket): SnapshotStore {
  async function find(key: string): Promise<Snapshot | undefined> {
    const bytes = await bucket.find(key);
    return bytes && unpacked(key, bytes, StoredSnapshot);
  }

  return {
    async putSnapshot(snapshot) {
      const { source, scope, sequence } = snapshot;
      const key = keyOf(source, scope, sequence);
      if (await bucket.putNew(key, EVIDENCE_TYPE, await packed(snapshot))) return true;
      const first = await find(key);
      if (first && sameReport(first, snapshot)) return false;
      throw new SnapshotConflictError(source, scope, sequence);
    },
    findSnapshot: (source, scope, sequence) => find(keyOf(source, scope, sequence)),
  };
}

/** The same report comes again at another time. */
function sameReport(a: Snapshot, b: Snapshot): boolean {
  return isDeepStrictEqual({ ...a, receivedAt: "" }, { ...b, receivedAt: "" });
}

function keyOf(source: string, scope: string, sequence: number): string {
  return `usage/snapshots/${keyPart(source)}/${keyPart(scope)}/${sequence}.json.gz`;
}
