import { PrincipalPattern } from "../access/access.ts";
import { Glob } from "../policy/selector.ts";
import { AccountId } from "../registry/registry.ts";
import * as z from "../zod.ts";
import { Scope, SourceName } from "./names.ts";
import { RESERVED_SOURCES } from "./sources.ts";

const MaxAge = z.int().check(z.minimum(1), z.maximum(168));

const OwnSource = z.strictObject({
  name: SourceName.check(
    z.refine((name) => !RESERVED_SOURCES.includes(name), {
      error: `a source cannot be named ${RESERVED_SOURCES.join(", ")}: those are built in`,
    }),
  ),
  principal: PrincipalPattern.check(
    z.describe(
      "Who may report as this source: the ARN of an IAM user or role of the hub's account (API Gateway's HTTP APIs let in nobody else), `*` for any characters but `/`.",
    ),
  ),
  account: AccountId.check(z.describe("The account whose workloads it sees.")),
  scopes: z
    .optional(z.array(Scope).check(z.minLength(1), z.maxLength(500)))
    .check(
      z.describe(
        "Scopes (clusters) that must report. Without it: each that ever reported, and at least one.",
      ),
    ),
  maxAgeHours: z
    ._default(MaxAge, 6)
    .check(z.describe("A report older than this is no evidence any more, and blocks.")),
});
export type OwnSource = z.infer<typeof OwnSource>;

const Collect = z.strictObject({
  ecs: z._default(z.boolean(), true),
  lambda: z._default(z.boolean(), true),
  inspector: z
    ._default(z.boolean(), false)
    .check(z.describe("Only where enhanced scanning is on: it costs per image.")),
});

const Consumers = z.strictObject({
  repositories: z.array(Glob).check(z.minLength(1), z.maxLength(50)),
  accounts: z.array(AccountId).check(z.minLength(1), z.maxLength(500)),
});

export const USAGE_DEFAULTS = {
  collect: { ecs: true, lambda: true, inspector: false },
  revisions: 5,
  maxAgeHours: 3,
  recentlyStoppedHours: 24,
  sources: [],
  consumers: [],
};

/** The `usage` section of the policy: who tells what runs, how old that may be, and who uses what. */
export const Usage = z
  .strictObject({
    collect: z._default(Collect, USAGE_DEFAULTS.collect),
    revisions: z
      ._default(z.int().check(z.minimum(1), z.maximum(100)), USAGE_DEFAULTS.revisions)
      .check(
        z.describe(
          "So many of the last revisions of a service's task definition count as used; of a function every version does.",
        ),
      ),
    maxAgeHours: z
      ._default(MaxAge, USAGE_DEFAULTS.maxAgeHours)
      .check(z.describe("What was collected longer ago is no evidence any more, and blocks.")),
    recentlyStoppedHours: z
      ._default(z.int().check(z.minimum(1), z.maximum(720)), USAGE_DEFAULTS.recentlyStoppedHours)
      .check(z.describe("For so long after its end a use still counts.")),
    sources: z
      ._default(z.array(OwnSource).check(z.maxLength(100), z.superRefine(uniqueNames)), [])
      .check(z.describe("Sources that report by PUT /api/v1/usage/{source}.")),
    consumers: z
      ._default(z.array(Consumers).check(z.maxLength(200)), [])
      .check(
        z.describe(
          "Accounts that use these repositories beside those that their policies name; needed where a policy names everyone.",
        ),
      ),
  })
  .check(z.superRefine(outlastsReports));
export type Usage = z.infer<typeof Usage>;

/**
 * What moves from one scope to another has ended in the one, and is not yet told by the other: until its next report, which
 * may be as old as allowed, only that it stopped lately speaks for it.
 */
function outlastsReports(usage: z.infer<typeof Usage>, context: z.core.$RefinementCtx): void {
  const oldest = Math.max(usage.maxAgeHours, ...usage.sources.map(({ maxAgeHours }) => maxAgeHours));
  if (usage.recentlyStoppedHours >= oldest) return;
  const message = `must not be less than the highest maxAgeHours, ${oldest}: what moves between two clusters would seem unused`;
  context.addIssue({ code: "custom", path: ["recentlyStoppedHours"], message });
}

function uniqueNames(sources: readonly { readonly name: string }[], context: z.core.$RefinementCtx): void {
  const seen = new Set<string>();
  for (const [i, { name }] of sources.entries()) {
    if (seen.has(name))
      context.addIssue({ code: "custom", path: [i, "name"], message: `two sources are named "${name}"` });
    seen.add(name);
  }
}
