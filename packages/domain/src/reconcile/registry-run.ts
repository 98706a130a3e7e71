import type { SummaryStore } from "../inventory/ports.ts";
import { withFence } from "../inventory/with-fence.ts";
import { type TotalsDeps, totalsOf } from "../listing/totals-of.ts";
import { type Registry, registryName } from "../registry/registry.ts";
import type { RegistryRecordStore, RegistryRun } from "../registry/registry-records.ts";
import type { RunScope } from "./job.ts";
import { leavesOut } from "./leaving-out.ts";
import type { RunLog } from "./run-log.ts";

export type RunDeps = {
  readonly registries: Pick<RegistryRecordStore, "findRun" | "putRun">;
  readonly runs: RunLog;
  readonly summaries: Pick<SummaryStore, "listSummaries" | "findSummary">;
};

type RunAt = { readonly registry: Registry; readonly run: string; readonly now: Date };

/** Notes that a registry's repositories were listed. What went wrong before stands until a run ends well. */
export async function beginRun(
  { registries, runs }: RunDeps,
  { registry, run, now, scope, repositories }: RunAt & { scope: RunScope; repositories: number },
): Promise<void> {
  const at = now.toISOString();
  await withFence(async () => {
    const previous = await registries.findRun(registry);
    const { gaveUp: _, completedAt: __, ...current } = begun(previous, { registry, run, scope, at });
    await registries.putRun({ ...current, listedAt: at, repositories });
  });
  await runs.listed(run, { ...placeOf(registry), at, repositories });
}

/** Notes that a registry, or a repository of it, could not be asked: the inventory may be wrong from then on. */
export async function noteRunError(
  { registries }: Pick<RunDeps, "registries">,
  { registry, run, now, scope, reason }: RunAt & { scope?: RunScope; reason: string },
): Promise<void> {
  const at = now.toISOString();
  await withFence(async () => {
    const previous = await registries.findRun(registry);
    const current = begun(previous, { registry, run, scope, at });
    await registries.putRun({ ...current, lastError: reason, lastErrorAt: at });
  });
}

export type FinishDeps = RunDeps &
  TotalsDeps & { readonly registries: Pick<RegistryRecordStore, "findTotals" | "putTotals"> };

/** `failed`: how many of the registry's repositories could not be compared when they were last tried, or were left out. */
export type RunOutcome = { readonly failed: number; readonly reason?: string };

/**
 * The last of a run's repositories is through. It ended well if it left none out and none of the registry's repositories is in
 * error, whichever run found that; otherwise the registry stays as it was last known well, with the reason. Adds its totals up,
 * unless nothing was compared.
 */
export async function finishRun(
  deps: FinishDeps,
  { registry, run, now, repository }: RunAt & { repository?: string },
): Promise<RunOutcome> {
  const leftOut = repository === undefined && leavesOut(await deps.registries.findRun(registry), run);
  const outcome = leftOut
    ? await outcomeOfPart(deps, { registry, run, reason: leftOut })
    : await outcomeOf(deps, registry, repository);
  const at = now.toISOString();
  if (repository === undefined) {
    await recordTotals(deps, { registry, run, now });
    await complete(deps, { registry, run, at }, outcome);
  }
  await deps.runs.ended(run, { ...placeOf(registry), at, ...outcome });
  return outcome;
}

/**
 * A repository that was in error was compared after all, perhaps long after its run: a dead letter that was moved back.
 * If it was the last in error, the registry is well again.
 */
export async function noteRecovery(deps: RunDeps, { registry, now }: Omit<RunAt, "run">): Promise<void> {
  const current = await deps.registries.findRun(registry);
  if (current?.completedAt === undefined || current.lastError === undefined) return;
  // Others were left out: they are as unknown as before.
  if (current.gaveUp !== undefined) return;
  const outcome = await outcomeOf(deps, registry);
  if (outcome.failed === 0)
    await complete(deps, { registry, run: current.run, at: now.toISOString() }, outcome);
}

/** A registry that could not even be listed, and is not tried again in this run. */
export async function endUnlisted(
  deps: RunDeps,
  { registry, run, now, reason }: RunAt & { readonly reason: string },
): Promise<void> {
  const at = now.toISOString();
  await complete(deps, { registry, run, at }, { failed: 1, reason });
  await deps.runs.ended(run, { ...placeOf(registry), at, failed: 0, reason });
}

async function recordTotals(deps: FinishDeps, { registry, run, now }: RunAt): Promise<void> {
  const current = await deps.registries.findRun(registry);
  const compared = current?.run === run && (current.repositories ?? 0) > 0;
  if (!compared && (await deps.registries.findTotals(registry)) !== undefined) return;
  const totals = await totalsOf(deps, { registry, now });
  await withFence(async () => {
    const previous = await deps.registries.findTotals(registry);
    await deps.registries.putTotals({ ...totals, version: (previous?.version ?? 0) + 1 });
  });
}

type Begin = { registry: Registry; run: string; scope: RunScope | undefined; at: string };

function begun(previous: RegistryRun | undefined, { registry, run, scope, at }: Begin): RegistryRun {
  const version = (previous?.version ?? 0) + 1;
  // A run of one repository, or a message that came back after the next run began, says nothing of how far that is.
  if (previous && (previous.run === run || scope === undefined)) return { ...previous, version };
  const owedSince = scope === "changed" ? previous?.owedSince : at;
  return {
    ...placeOf(registry),
    run,
    kind: scope ?? "all",
    startedAt: at,
    ...(previous?.lastCompletedAt !== undefined && { lastCompletedAt: previous.lastCompletedAt }),
    ...(previous?.lastError !== undefined && { lastError: previous.lastError }),
    ...(previous?.lastErrorAt !== undefined && { lastErrorAt: previous.lastErrorAt }),
    ...(owedSince !== undefined && { owedSince }),
    version,
  };
}

async function complete(
  { registries }: RunDeps,
  { registry, run, at }: { registry: Registry; run: string; at: string },
  { failed, reason }: RunOutcome,
): Promise<void> {
  await withFence(async () => {
    const previous = await registries.findRun(registry);
    if (previous?.run !== run) return;
    const { lastError: _, lastErrorAt, owedSince, ...rest } = previous;
    const version = previous.version + 1;
    if (failed === 0) {
      await registries.putRun({ ...rest, completedAt: at, lastCompletedAt: at, version });
      return;
    }
    const owed = owedSince === undefined ? {} : { owedSince };
    const error = {
      lastError: reason ?? previous.lastError ?? "unknown",
      lastErrorAt: lastErrorAt ?? at,
    };
    await registries.putRun({ ...rest, ...owed, ...error, completedAt: at, version });
  });
}

async function outcomeOf(deps: RunDeps, registry: Registry, only?: string): Promise<RunOutcome> {
  const failing: string[] = [];
  for await (const { repository, lastError } of deps.summaries.listSummaries(registry)) {
    if (lastError === undefined || (only !== undefined && repository !== only)) continue;
    // The list is an index: the last repository of the run may be well by now.
    const current = await deps.summaries.findSummary({ ...placeOf(registry), repository });
    if (current?.lastError !== undefined) failing.push(`${repository}: ${current.lastError}`);
  }
  const [first] = failing;
  if (first === undefined) return { failed: 0 };
  return {
    failed: failing.length,
    reason: only === undefined ? countedReason(failing.length, first) : first,
  };
}

/** A run that left some out: whatever was not compared since it listed them counts. */
async function outcomeOfPart(
  deps: RunDeps,
  { registry, run, reason }: { readonly registry: Registry; readonly run: string; readonly reason: string },
): Promise<RunOutcome> {
  const name = registryName(registry);
  const listed = (await deps.runs.findRun(run))?.listed.find((it) => registryName(it) === name);
  if (listed === undefined) return { failed: 1, reason };
  let compared = 0;
  for await (const { reconciledAt = "" } of deps.summaries.listSummaries(registry)) {
    if (reconciledAt >= listed.at) compared++;
  }
  return { failed: Math.max(listed.repositories - compared, 1), reason };
}

function countedReason(failed: number, first: string): string {
  const subject = failed === 1 ? "1 repository" : `${failed} repositories, the first of them`;
  return `${subject} could not be compared: ${first}`;
}

function placeOf({ account, region }: Registry): Registry {
  return { account, region };
}
