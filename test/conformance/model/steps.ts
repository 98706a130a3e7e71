import fc from "fast-check";
import { CONTENTS, contentOf, digestOf } from "./contents.ts";
import type { EcrModel, Outcome } from "./ecr-model.ts";
import type { ModelledRegistry } from "./modelled-registry.ts";

/** One thing that somebody does to a repository. */
export type Step =
  | { readonly kind: "push"; readonly content: string; readonly tag?: string; readonly by: "api" | "oci" }
  | { readonly kind: "delete by tag"; readonly tag: string }
  | { readonly kind: "delete by digest"; readonly content: string }
  | { readonly kind: "delete by both"; readonly content: string; readonly tag: string }
  | { readonly kind: "archive" | "restore"; readonly content: string }
  | { readonly kind: "wait"; readonly minutes: number };

const tag = fc.constantFrom("latest", "1.0", "dev-1", "dev-2");
const content = fc.constantFrom(...CONTENTS.map(({ name }) => name));
const image = fc.constantFrom("red", "green", "blue");
/** Images alone are there often enough to be archived and restored. */
const often = fc.oneof({ weight: 3, arbitrary: image }, { weight: 1, arbitrary: content });
const by = fc.constantFrom<"api" | "oci">("api", "oci");

export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("push" as const), content: image, tag, by }),
  },
  {
    weight: 6,
    arbitrary: fc.record(
      { kind: fc.constant("push" as const), content, tag, by },
      { requiredKeys: ["kind", "content", "by"] },
    ),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete by tag" as const), tag }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete by digest" as const), content }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete by both" as const), content, tag }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("archive" as const), content: often }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("restore" as const), content: often }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), minutes: fc.constantFrom(1, 10, 25) }),
  },
);

export function applyToModel(model: EcrModel, it: Step): Outcome {
  switch (it.kind) {
    case "push":
      return model.push(contentOf(it.content), it.tag);
    case "delete by tag":
      return model.deleteByTag(it.tag);
    case "delete by digest":
      return model.deleteByDigest(it.content);
    case "delete by both":
      return model.deleteByBoth(it.content, it.tag);
    case "archive":
      return model.archive(it.content);
    case "restore":
      return model.restore(it.content);
    case "wait":
      model.wait(it.minutes * 60_000);
      return "ok";
  }
}

export async function applyToRegistry(registry: ModelledRegistry, it: Step): Promise<string> {
  switch (it.kind) {
    case "push":
      return registry.push(contentOf(it.content), it);
    case "delete by tag":
      return registry.delete({ imageTag: it.tag });
    case "delete by digest":
      return registry.delete({ imageDigest: digestOf(it.content) });
    case "delete by both":
      return registry.delete({ imageDigest: digestOf(it.content), imageTag: it.tag });
    case "archive":
      return registry.setStorageClass(digestOf(it.content), "ARCHIVE");
    case "restore":
      return registry.setStorageClass(digestOf(it.content), "STANDARD");
    case "wait":
      return registry.wait(it.minutes);
  }
}
