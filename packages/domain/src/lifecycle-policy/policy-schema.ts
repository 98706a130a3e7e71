import * as z from "zod";

/**
 * The document's shape. What depends on more than one member of a rule is in `rule-problem.ts`, what depends on more
 * than one rule in `rule-set-problem.ts`.
 */
const Tags = z.array(z.string().min(1)).min(1);

const Selection = z
  .strictObject({
    tagStatus: z.enum(["tagged", "untagged", "any"]),
    tagPatternList: Tags.optional(),
    tagPrefixList: Tags.optional(),
    storageClass: z.enum(["standard", "archive"]).optional(),
    countType: z.enum([
      "imageCountMoreThan",
      "sinceImagePushed",
      "sinceImagePulled",
      "sinceImageTransitioned",
    ]),
    countUnit: z.enum(["days"]).optional(),
    countNumber: z.int().min(1),
  })
  // As ECR's schema has it: counting takes no unit, ageing takes one.
  .refine(
    ({ countType, countUnit }) => (countType === "imageCountMoreThan") === (countUnit === undefined),
    "instance failed to match exactly one schema (matched 0 out of 2)",
  );

/** `targetStorageClass: null` beside `expire` is refused too: the key itself must not be there. */
const Action = z.union([
  z.strictObject({ type: z.literal("expire") }),
  z.strictObject({ type: z.literal("transition"), targetStorageClass: z.literal("archive") }),
]);

const Rule = z.strictObject({
  rulePriority: z.int().min(1),
  description: z.string().optional(),
  selection: Selection,
  action: Action,
});

export const LifecyclePolicyDocument = z.strictObject({ rules: z.array(Rule).min(1).max(50) });
