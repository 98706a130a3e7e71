import { registryName } from "@tallyman/domain/registry/registry";
import { CheckStarted, RegistryState } from "../api/answers.ts";
import type { Context } from "../context.ts";
import { CommandError } from "../errors.ts";
import { formatTime } from "../output/format.ts";
import { parseRegistry } from "../registries.ts";

export type CheckOptions = { readonly registry?: string; readonly wait: boolean };

/** `tallyman registries check`: whether each registry is watched as it should be; what is not is a problem. */
export async function checkRegistries(context: Context, options: CheckOptions): Promise<void> {
  const registry = options.registry === undefined ? undefined : parseRegistry(options.registry);
  const body = registry === undefined ? {} : { registry };
  const started = await context.api.post(CheckStarted, "/api/v1/registries/check", body);
  if (!options.wait) return startedOnly(context, started);
  const only = registry === undefined ? undefined : registryName(registry);
  const checked = await untilChecked(context, { ...started, only });
  if (context.json) context.terminal.json({ items: checked });
  else for (const each of checked) showFindings(context, each);
  const failing = checked.filter(({ check }) => check?.ok !== true).length;
  if (failing > 0)
    throw new CommandError(`${failing} of ${checked.length} registries are not watched as they should be.`);
}

function startedOnly({ json, terminal }: Context, started: CheckStarted): void {
  if (json) terminal.json(started);
  else terminal.note(`${started.registries} checks queued; "tallyman registries" shows what they find`);
}

const POLL_MS = 500;
/** A check that nobody has done by then is not under way any more: its messages come back for about eight minutes. */
const PATIENCE_MS = 10 * 60_000;

type Waiting = Pick<CheckStarted, "registries" | "askedAt"> & { readonly only: string | undefined };

/** Waits for all of them, as long as one follows the other. */
async function untilChecked(context: Context, waiting: Waiting): Promise<readonly RegistryState[]> {
  let done: readonly RegistryState[] = [];
  for (let moved = performance.now(); performance.now() - moved < PATIENCE_MS; ) {
    const before = done.length;
    done = await checkedSoFar(context, waiting);
    if (done.length >= waiting.registries) return done;
    if (done.length > before) moved = performance.now();
    context.terminal.progress(`${done.length} of ${waiting.registries} registries checked ...`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new CommandError(
    `${waiting.registries - done.length} of ${waiting.registries} checks did not come to an end. "tallyman dlq list" says whether they failed.`,
  );
}

/** Any look since then is an answer: somebody else's check may have come after this one and taken its place. */
async function checkedSoFar(context: Context, { askedAt, only }: Waiting): Promise<readonly RegistryState[]> {
  const done: RegistryState[] = [];
  for await (const it of context.api.list(RegistryState, "/api/v1/registries"))
    if ((it.check?.checkedAt ?? "") >= askedAt && (only === undefined || registryName(it) === only))
      done.push(it);
  return done;
}

function showFindings({ terminal }: Context, state: RegistryState): void {
  terminal.line(registryName(state));
  for (const { check, ok, reason, remedy, blockedBy } of state.check?.findings ?? []) {
    const mark = ok ? "ok" : blockedBy === undefined ? "NOT OK" : "unknown";
    terminal.line(`  ${mark.padEnd(7)} ${check.padEnd(12)} ${reason}`);
    if (remedy !== undefined) terminal.line(`          ${"".padEnd(12)} -> ${remedy}`);
  }
  const event = state.lastEventAt === undefined ? "none heard yet" : formatTime(state.lastEventAt);
  terminal.line(`  last event ${event}; ${state.stale ? `stale: ${state.staleReason}` : reconciled(state)}`);
}

function reconciled({ run }: RegistryState): string {
  return `last reconcile ${formatTime(run?.lastCompletedAt ?? run?.completedAt)}`;
}
