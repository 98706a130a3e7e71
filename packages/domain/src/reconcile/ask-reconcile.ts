import type { AuditTrail, SummaryStore } from "../inventory/ports.ts";
import { type Registry, registryName } from "../registry/registry.ts";
import type { ReconcileJob, ReconcileQueue } from "./job.ts";
import type { AskedRun, RunLog } from "./run-log.ts";

export type AskDeps = {
  readonly audit: AuditTrail;
  readonly runs: Pick<RunLog, "asked">;
  readonly reconciles: ReconcileQueue;
};

/**
 * Queues a reconcile that somebody asked for: of whole registries, or of one repository in each of them. The audit trail
 * says it before it is done; a refusal by the queue is said after, and thrown.
 */
export async function askReconcile(deps: AskDeps, asked: AskedRun): Promise<void> {
  await note(deps, asked, { sequence: 0, step: "requested", reason: "asked for through the admin API" });
  await deps.runs.asked(asked);
  try {
    await deps.reconciles.send(asked.registries.flatMap((registry) => jobsOf(asked, registry)));
  } catch (error) {
    const reason = error instanceof Error ? error.name : "unknown";
    await note(deps, asked, { sequence: 1, step: "refused", reason });
    throw error;
  }
}

/** Those of the registries whose inventory knows the repository. */
export async function registriesWith(
  { summaries }: { readonly summaries: Pick<SummaryStore, "findSummary"> },
  registries: readonly Registry[],
  repository: string,
): Promise<readonly Registry[]> {
  const known = await Promise.all(
    registries.map(({ account, region }) => summaries.findSummary({ account, region, repository })),
  );
  return registries.filter((_, i) => known[i] !== undefined);
}

function jobsOf({ run, repository }: AskedRun, { account, region }: Registry): readonly ReconcileJob[] {
  const where = { account, region, run };
  if (repository === undefined) return [{ kind: "registry", ...where, scope: "all" }];
  return [
    { kind: "repository", ...where, repository },
    { kind: "finish", ...where, repository },
  ];
}

type Step = { readonly sequence: number; readonly step: string; readonly reason: string };

async function note(
  { audit }: AskDeps,
  { run, by, at, registries, repository }: AskedRun,
  { sequence, step, reason }: Step,
): Promise<void> {
  const action = `reconcile.${step}`;
  const names = registries.map(registryName);
  await audit.append({
    id: `${action}#${run}`,
    at,
    sequence,
    actor: by,
    action,
    subject: repository ?? (names.length === 1 ? (names[0] ?? run) : `${names.length} registries`),
    reason,
    details: { run, registries: names, ...(repository !== undefined && { repository }) },
  });
}
