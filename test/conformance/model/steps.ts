import fc from "fast-check";
import { CONTENTS, contentOf, digestOf } from "./contents.ts";
import type { EcrModel, Mutability, Outcome } from "./ecr-model.ts";
import type { ModelledRegistry } from "./modelled-registry.ts";

/** One thing that somebody does to a repository. */
export type Step =
  | { readonly kind: "push"; readonly content: string; readonly tag?: string; readonly by: "api" | "oci" }
  | { readonly kind: "delete by tag"; readonly tag: string }
  | { readonly kind: "delete by digest"; readonly content: string }
  | { readonly kind: "delete by both"; readonly content: string; readonly tag: string }
  | { readonly kind: "archive" | "restore"; readonly content: string }
  | { readonly kind: "wait"; readonly minutes: number }
  | { readonly kind: "mutability" | "recreate"; readonly mutability: Mutability }
  /** A run, so long after the step before. */
  | { readonly kind: "lifecycle"; readonly minutes: number };

export const mutability = fc.constantFrom<Mutability>(
  "MUTABLE",
  "MUTABLE",
  "IMMUTABLE",
  "MUTABLE_WITH_EXCLUSION",
  "IMMUTABLE_WITH_EXCLUSION",
);

const tag = fc.constantFrom("latest", "1.0", "dev-1", "dev-2");
const content = fc.constantFrom(...CONTENTS.map(({ name }) => name));
const image = fc.constantFrom("red", "green", "blue");
const index = fc.constantFrom("red+green", "green+blue");
/** Images alone are there often enough to be archived and restored. */
const often = fc.oneof({ weight: 3, arbitrary: image }, { weight: 1, arbitrary: content });
/** Indexes too, once their images are there: what an index holds is refused to be deleted or archived. */
const pushed = fc.oneof({ weight: 3, arbitrary: content }, { weight: 2, arbitrary: index });
const by = fc.constantFrom<"api" | "oci">("api", "oci");

const TWO_DAYS = 2 * 24 * 60;

export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ kind: fc.constant("push" as const), content: image, tag, by }),
  },
  {
    weight: 8,
    arbitrary: fc.record(
      { kind: fc.constant("push" as const), content: pushed, tag, by },
      { requiredKeys: ["kind", "content", "by"] },
    ),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete by tag" as const), tag }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete by digest" as const), content: often }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete by both" as const), content, tag }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("archive" as const), content: often }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("restore" as const), content: often }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      minutes: fc.constantFrom(1, 10, 25),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("mutability" as const), mutability }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("lifecycle" as const), minutes: fc.constantFrom(0, TWO_DAYS) }),
  },
);

/** Dear, as all blobs are uploaded again: not one step among others. */
export const recreation: fc.Arbitrary<Step> = fc.record({
  kind: fc.constant("recreate" as const),
  mutability,
});

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
    case "mutability":
      model.setMutability(it.mutability);
      return "ok";
    case "recreate":
      model.recreate(it.mutability);
      return "ok";
    case "lifecycle":
      model.wait(it.minutes * 60_000);
      model.runLifecycle();
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
    case "mutability":
      return registry.setMutability(it.mutability);
    case "recreate":
      return registry.recreate(it.mutability);
    case "lifecycle":
      registry.wait(it.minutes);
      return registry.runLifecycle();
  }
}
