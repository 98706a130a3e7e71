import { expect, test } from "vitest";
import type { Mutability } from "./facts.ts";
import { checkPinned } from "./pinned.ts";

const DIGEST = `sha256:${"0f".repeat(32)}`;
const open: Mutability = { setting: "MUTABLE", exclusions: [] };
const closed: Mutability = { setting: "IMMUTABLE", exclusions: [] };
const releases: Mutability = { setting: "MUTABLE_WITH_EXCLUSION", exclusions: ["v*", "release-*-final"] };
const moving: Mutability = { setting: "IMMUTABLE_WITH_EXCLUSION", exclusions: ["latest", "dev-*"] };

test.each<[string, object, Mutability, string]>([
  ["a digest in a mutable repository", { digest: DIGEST }, open, "ok"],
  ["a tag and a digest", { tag: "latest", digest: DIGEST }, open, "ok"],
  ["a tag of a mutable repository", { tag: "1.4.2" }, open, "warning"],
  ["no tag at all, of a mutable repository", {}, open, "warning"],
  ["a tag of an immutable repository", { tag: "1.4.2" }, closed, "ok"],
  ["a tag that an exclusion makes immutable", { tag: "v1" }, releases, "ok"],
  ["a tag that the second exclusion makes immutable", { tag: "release-9-final" }, releases, "ok"],
  ["a tag beside the exclusions of a mutable repository", { tag: "main" }, releases, "warning"],
  ["a tag of which an exclusion matches a part", { tag: "rv1" }, releases, "warning"],
  ["a tag that an exclusion makes mutable", { tag: "dev-7" }, moving, "warning"],
  ["latest, left out and excluded", {}, moving, "warning"],
  ["a tag beside the exclusions of an immutable repository", { tag: "1.4.2" }, moving, "ok"],
])("%s", (_, reference, mutability, verdict) => {
  expect(checkPinned({ repository: "prod/web", ...reference }, mutability).verdict).toBe(verdict);
});
