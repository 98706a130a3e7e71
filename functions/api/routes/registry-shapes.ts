import type { RegistryState } from "@tallyman/domain/registry/registry-state";
import * as z from "zod";
import { documented } from "../documented.ts";

const CHECKS = ["reachable", "reader-role", "writer-role", "exclusion", "forwarding"] as const;

const Finding = documented(() =>
  z
    .object({
      check: z.enum(CHECKS),
      ok: z.boolean(),
      reason: z.string(),
      remedy: z.string().optional().openapi({ description: "What to do, where it is not ok" }),
      blockedBy: z.enum(CHECKS).optional().openapi({
        description: "It could not be looked at while that other check fails",
      }),
    })
    .openapi("RegistryFinding"),
);

const Check = documented(() =>
  z
    .object({ check: z.string(), checkedAt: z.string(), ok: z.boolean(), findings: z.array(Finding()) })
    .openapi("RegistryCheck"),
);

const Run = documented(() =>
  z
    .object({
      run: z.string(),
      kind: z.enum(["all", "changed"]),
      startedAt: z.string(),
      listedAt: z.string().optional(),
      repositories: z.number().int().optional(),
      completedAt: z.string().optional().openapi({ description: "Absent: it is still under way" }),
      lastCompletedAt: z.string().optional().openapi({ description: "Of the last run that completed" }),
      lastError: z.string().optional(),
      lastErrorAt: z.string().optional(),
    })
    .openapi("RegistryRun"),
);

/** A declared registry and what is known of it as a whole. */
export const RegistryView = documented(() =>
  z
    .object({
      account: z.string(),
      region: z.string(),
      lastEventAt: z.string().optional().openapi({
        description: "When the latest event of it was heard, to about a minute; absent: none was",
      }),
      run: Run().optional().openapi({ description: "The last reconcile; absent: there was none" }),
      stale: z.boolean().openapi({ description: "No reconcile has completed for two days" }),
      staleReason: z.string().optional(),
      check: Check().optional().openapi({ description: "The last check; absent: nobody asked for one" }),
    })
    .openapi("RegistryState"),
);
export type RegistryView = z.infer<ReturnType<typeof RegistryView>>;

export function viewOf({ account, region, ...state }: RegistryState): RegistryView {
  const { lastEventAt, run, check, staleness } = state;
  return {
    account,
    region,
    ...(lastEventAt !== undefined && { lastEventAt }),
    ...(run && { run: runView(run) }),
    stale: staleness.stale,
    ...(staleness.stale && { staleReason: staleness.reason }),
    ...(check && { check: checkView(check) }),
  };
}

function runView({ account: _, region: __, version: ___, ...run }: NonNullable<RegistryState["run"]>) {
  return run;
}

function checkView({ check, checkedAt, findings }: NonNullable<RegistryState["check"]>) {
  return { check, checkedAt, ok: findings.every(({ ok }) => ok), findings: [...findings] };
}
