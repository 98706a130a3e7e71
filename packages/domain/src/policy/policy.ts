import { Access } from "../access/access.ts";
import { USAGE_DEFAULTS, Usage } from "../usage/usage-policy.ts";
import * as z from "../zod.ts";
import { Glob, TagSelector } from "./selector.ts";

/** Part of a violation's key, so it is short and plain. */
const RuleName = z
  .string()
  .check(
    z.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "a rule name has 1 to 63 lower-case letters, digits and hyphens"),
  );

const Selectors = z.array(TagSelector).check(z.minLength(1), z.maxLength(50));

export const TaggingRule = z
  .strictObject({
    name: RuleName.check(z.describe("Unique; shown to people and part of each violation's key.")),
    repositories: z
      .array(Glob)
      .check(z.minLength(1), z.maxLength(50), z.describe("Repositories the rule is for: `prod/**`.")),
    allow: z.optional(Selectors).check(z.describe("A tag that matches none of these is a violation.")),
    deny: z
      .optional(Selectors)
      .check(z.describe("A tag that matches one of these is a violation, allowed or not.")),
    notify: z._default(z.boolean(), true).check(z.describe("false: record violations, tell nobody.")),
  })
  .check(
    z.refine((rule) => rule.allow !== undefined || rule.deny !== undefined, {
      error: "a rule needs `allow` or `deny`, otherwise it says nothing",
      path: ["allow"],
    }),
  );
export type TaggingRule = z.infer<typeof TaggingRule>;

const Price = z.number().check(z.minimum(0), z.maximum(1000));

/** ECR's in most Regions (https://aws.amazon.com/ecr/pricing/); archived storage gets cheaper above 150 TB. */
const PRICES = { standardPerGbMonth: 0.1, archivePerGbMonth: 0.1 };

const Prices = z.strictObject({
  standardPerGbMonth: z
    ._default(Price, PRICES.standardPerGbMonth)
    .check(z.describe("USD for a GB (2^30 bytes) that is stored for a month.")),
  archivePerGbMonth: z
    ._default(Price, PRICES.archivePerGbMonth)
    .check(z.describe("USD for a GB that only archived images have.")),
});

/** How long the inventory remembers what is gone, and what storage is said to cost. */
const Inventory = z.strictObject({
  keepDays: z
    ._default(z.int().check(z.minimum(1), z.maximum(3650)), 730)
    .check(
      z.describe(
        "For how many days the record of an image or tag that is gone, and each state that has ended, is kept.",
      ),
    ),
  prices: z._default(Prices, PRICES),
});

/**
 * `tallyman.yaml`, strictly: an unknown key is an error. A section is accepted from the day it does something
 * (docs/decisions/0005-policy-sections.md).
 */
const Sections = z.strictObject({
  version: z.literal(1),
  tagging: z._default(
    z.strictObject({ rules: z.array(TaggingRule).check(z.maxLength(200), z.superRefine(uniqueNames)) }),
    { rules: [] },
  ),
  notify: z.optional(
    z.strictObject({
      slack: z.strictObject({
        channel: z
          .string()
          .check(z.regex(/^(#[a-z0-9_-]{1,79}|[CG][A-Z0-9]{8,20})$/, "#channel-name or a Slack channel id")),
      }),
    }),
  ),
  inventory: z._default(Inventory, { keepDays: 730, prices: PRICES }),
  usage: z._default(Usage, USAGE_DEFAULTS),
  access: z.optional(Access),
});

export const Policy = Sections.check(z.superRefine(remembersUses));
export type Policy = z.infer<typeof Policy>;

/** The policy of a deployment without one: nothing is judged, nobody is told. */
export const EMPTY_POLICY: Policy = {
  version: 1,
  tagging: { rules: [] },
  inventory: { keepDays: 730, prices: PRICES },
  usage: USAGE_DEFAULTS,
};

/** A use that still counts must not be forgotten. */
function remembersUses({ inventory, usage }: z.infer<typeof Sections>, context: z.core.$RefinementCtx): void {
  if (usage.recentlyStoppedHours < 24 * inventory.keepDays) return;
  const message = `must be less than inventory.keepDays (${inventory.keepDays} days): after that uses are forgotten`;
  context.addIssue({ code: "custom", path: ["usage", "recentlyStoppedHours"], message });
}

function uniqueNames(rules: readonly { readonly name: string }[], context: z.core.$RefinementCtx): void {
  const seen = new Set<string>();
  for (const [i, { name }] of rules.entries()) {
    if (seen.has(name)) {
      context.addIssue({ code: "custom", path: [i, "name"], message: `two rules are named "${name}"` });
    }
    seen.add(name);
  }
}
