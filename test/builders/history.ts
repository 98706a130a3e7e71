import type { Deed } from "@tallyman/domain/history/deed";
import type { TagStay } from "@tallyman/domain/history/tag-stay";
import type { LifeStage } from "@tallyman/domain/inventory/life-stages";
import { aDigest } from "./digest.ts";
import { aRepository } from "./registry.ts";

const AT = "2026-11-16T01:54:35.000Z";

export function aStage(overrides: Partial<LifeStage> = {}): LifeStage {
  return { state: "open", status: "ACTIVE", since: AT, cause: "push", version: 1, ...overrides };
}

export function aStay(overrides: Partial<TagStay> = {}): TagStay {
  return { tag: "1.4.2", digest: aDigest("image"), since: AT, cause: "push", version: 1, ...overrides };
}

export function aDeed(overrides: Partial<Deed> = {}): Deed {
  return {
    ...aRepository(),
    event: "5c9f1a3e-0000-4000-8000-000000000001",
    place: 0,
    at: AT,
    action: "push",
    by: "arn:aws:iam::111122223333:user/ana",
    digest: aDigest("image"),
    tag: "1.4.2",
    ...overrides,
  };
}
