import { registryName } from "@tallyman/domain/registry/registry";
import type { Snapshot, UsageItem } from "@tallyman/domain/usage/evidence";
import { aDigest } from "./digest.ts";
import { HUB } from "./registry.ts";

/** `imageUri("team/app", ":1.4.2")`, `imageUri("team/app", "@sha256:...")` */
export function imageUri(repository: string, reference: string, registry = HUB): string {
  return `${registry.account}.dkr.ecr.${registry.region}.amazonaws.com/${repository}${reference}`;
}

/** A task of the service `web` that runs `team/app` by its digest. */
export function aUsageItem(overrides: Partial<UsageItem> = {}): UsageItem {
  return {
    image: imageUri("team/app", ":1.4.2"),
    digest: aDigest("image"),
    kind: "running",
    account: HUB.account,
    region: HUB.region,
    cluster: "prod",
    service: "service/web",
    ...overrides,
  };
}

/** A running item of its own service for each name. */
export function itemsOf(...names: readonly string[]): UsageItem[] {
  return names.map((name) => aUsageItem({ digest: aDigest(name), service: `service/${name}` }));
}

export function aSnapshot(overrides: Partial<Snapshot> = {}): Snapshot {
  return {
    source: "ecs",
    scope: registryName(HUB),
    account: HUB.account,
    sequence: 1,
    observedAt: "2026-11-22T08:00:00.000Z",
    receivedAt: "2026-11-22T08:00:01.000Z",
    items: [aUsageItem()],
    ...overrides,
  };
}
