import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import type { RegistryConsumers } from "@tallyman/domain/usage/evidence";
import type { ConsumersStore } from "@tallyman/domain/usage/ports";
import * as z from "@tallyman/domain/zod";
import type { Bucket } from "./bucket.ts";
import { EVIDENCE_TYPE, packed, unpacked } from "./evidence-object.ts";

const text = z.string();

export const StoredPolicies = z.record(text, z.array(text));

const StoredConsumers: z.ZodMiniType<RegistryConsumers> = z.object({
  account: text,
  region: text,
  asOf: text,
  policies: StoredPolicies,
  pullsThrough: z.array(z.object({ upstream: z.object({ account: text, region: text }), prefix: text })),
});

/** Who may pull from a registry, under `usage/consumers/<account>/<region>.json.gz`: as it was read last. */
export function s3ConsumersStore(bucket: Bucket): ConsumersStore {
  return {
    async putConsumers(consumers) {
      await bucket.put(keyOf(consumers), EVIDENCE_TYPE, await packed(consumers));
    },
    async findConsumers(registry) {
      const key = keyOf(registry);
      const bytes = await bucket.find(key);
      return bytes && unpacked(key, bytes, StoredConsumers);
    },
  };
}

function keyOf(registry: Registry): string {
  return `usage/consumers/${registryName(registry)}.json.gz`;
}
