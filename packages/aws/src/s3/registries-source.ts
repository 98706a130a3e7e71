import type { RegistriesSource } from "@tallyman/domain/registry/ports";
import { parseDeclaredRegistries } from "@tallyman/domain/registry/registry";
import type { Bucket } from "./bucket.ts";
import { keptDocument } from "./kept-document.ts";

/**
 * The registries that were declared at deploy time, read from their object (JSON) and kept for a minute: 200 accounts with
 * a few Regions each are more than the 4 KB that Lambda grants to all variables together.
 */
export function s3RegistriesSource(bucket: Bucket, key: string, now?: () => number): RegistriesSource {
  return { declaredRegistries: keptDocument({ bucket, key, now }, parseDeclaredRegistries) };
}
