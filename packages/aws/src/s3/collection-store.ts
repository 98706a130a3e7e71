import { UsageItem } from "@tallyman/domain/usage/evidence";
import type { Collected, CollectionPart, CollectionStore } from "@tallyman/domain/usage/ports";
import * as z from "@tallyman/domain/zod";
import type { ErasableBucket } from "./bucket.ts";
import { StoredPolicies } from "./consumers-store.ts";
import { EVIDENCE_TYPE, keyPart, packed, unpacked } from "./evidence-object.ts";

const StoredCollected: z.ZodMiniType<Collected> = z.object({
  items: z.array(UsageItem),
  policies: StoredPolicies,
});

/** What is being collected, under `usage/partial/<account>/<region>/<source>/<run>/<part>.json.gz`. */
export function s3CollectionStore(bucket: ErasableBucket): CollectionStore {
  return {
    async putCollected(part, collected) {
      await bucket.put(keyOf(part), EVIDENCE_TYPE, await packed(collected));
    },
    async findCollected(part) {
      const key = keyOf(part);
      const bytes = await bucket.find(key);
      return bytes && unpacked(key, bytes, StoredCollected);
    },
    async dropCollected(last) {
      for (let part = 0; part <= last.part; part++) await bucket.erase(keyOf({ ...last, part }));
    },
  };
}

function keyOf({ source, account, region, run, part }: CollectionPart): string {
  return `usage/partial/${account}/${region}/${keyPart(source)}/${keyPart(run)}/${part}.json.gz`;
}
