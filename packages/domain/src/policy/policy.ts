import * as z from "zod";
import { Access } from "../access/access.ts";
import { Glob, TagSelector } from "./selector.ts";

/** Part of a violation's key, so it is short and plain. */
const RuleName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "a rule name has 1 to 63 lower-case letters, digits and hyphens");

const Selectors = z.array(TagSelector).min(1).max(50);

export const TaggingRule = z
  .strictObject({
    name: RuleName.meta({ description: "Unique; shown to people and part of each violation's key." }),
    repositories: z
      .array(Glob)
      .min(1)
      .max(50)
      .meta({ description: "Repositories the rule is for: `prod/**`." }),
    allow: Selectors.optional().meta({ description: "A tag that matches none of these is a violation." }),
    deny: Selectors.optional().meta({
      description: "A tag that matches one of these is a violation, allowed or not.",
    }),
    notify: z.boolean().default(true).meta({ description: "false: record violations, tell nobody." }),
  })
  .refine((rule) => rule.allow || rule.deny, {
    message: "a rule needs `allow` or `deny`, otherwise it says nothing",
    path: ["allow"],
  });
export type TaggingRule = z.infer<typeof TaggingRule>;

/**
 * `tallyman.yaml`, strictly: an unknown key is an error. A section is accepted from the day it does something
 * (docs/decisions/0005-policy-sections.md).
 */
export const Policy = z.strictObject({
  version: z.literal(1),
  tagging: z
    .strictObject({ rules: z.array(TaggingRule).max(200).superRefine(uniqueNames) })
    .default({ rules: [] }),
  notify: z
    .strictObject({
      slack: z.strictObject({
        channel: z
          .string()
          .regex(/^(#[a-z0-9_-]{1,79}|[CG][A-Z0-9]{8,20})$/, "#channel-name or a Slack channel id"),
      }),
    })
    .optional(),
  access: Access.optional(),
});
export type Policy = z.infer<typeof Policy>;

/** The policy of a deployment without one: nothing is judged, nobody is told. */
export const EMPTY_POLICY: Policy = { version: 1, tagging: { rules: [] } };

function uniqueNames(rules: readonly { readonly name: string }[], context: z.RefinementCtx): void {
  const seen = new Set<string>();
  for (const [i, { name }] of rules.entries()) {
    if (seen.has(name)) {
      context.addIssue({ code: "custom", path: [i, "name"], message: `two rules are named "${name}"` });
    }
    seen.add(name);
  }
}
