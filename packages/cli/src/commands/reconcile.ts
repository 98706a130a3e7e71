import { registryName } from "@tallyman/domain/registry/registry";
import { Reconcile, type RegistryProgress, StartedReconcile } from "../api/answers.ts";
import type { Context } from "../context.ts";
import { CommandError, UsageError } from "../errors.ts";
import { parseRegistry } from "../registries.ts";

export type ReconcileOptions = {
  readonly registry?: string;
  readonly wait?: boolean;
  /** An earlier one: show it, or wait for it. */
  readonly run?: string;
};

/** `tallyman reconcile [repository]`: compare with the registries now. */
export async function reconcile(
  context: Context,
  repository: string | undefined,
  options: ReconcileOptions,
): Promise<void> {
  const run = options.run ?? (await start(context, repository, options));
  if (options.run !== undefined && (repository !== undefined || options.registry !== undefined))
    throw new UsageError("An earlier reconcile has its own registries: give --run alone.");
  const wait = options.wait === true;
  if (options.run === undefined && !wait) return told(context, run);
  const progress = wait ? await untilOver(context, run) : await progressOf(context, run);
  show(context, progress);
  if (wait && progress.state !== "completed") throw new CommandError(unsuccessful(progress));
}

async function start(
  context: Context,
  repository: string | undefined,
  options: ReconcileOptions,
): Promise<string> {
  const body = {
    ...(options.registry === undefined ? {} : { registry: parseRegistry(options.registry) }),
    ...(repository === undefined ? {} : { repository }),
  };
  return (await context.api.post(StartedReconcile, "/api/v1/reconciles", body)).run;
}

async function told(context: Context, run: string): Promise<void> {
  if (context.json) return context.terminal.json(await progressOf(context, run));
  context.terminal.line(`${run} is queued`);
  context.terminal.note(`"tallyman reconcile --run ${run}" says how far it is`);
}

function progressOf(context: Context, run: string): Promise<Reconcile> {
  return context.api.get(Reconcile, `/api/v1/reconciles/${encodeURIComponent(run)}`);
}

const POLL_MS = 500;

/** Until it is over, or cannot go on: what fails is tried again for some minutes, which nobody needs to watch. */
async function untilOver(context: Context, run: string): Promise<Reconcile> {
  for (;;) {
    const progress = await progressOf(context, run);
    if (progress.state !== "running") return progress;
    context.terminal.progress(progress.registries.map(shortly).join(", "));
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function shortly(registry: RegistryProgress): string {
  const { state, compared = 0, repositories } = registry;
  const count = repositories === undefined ? state : `${compared} of ${repositories}`;
  return `${registryName(registry)}: ${count}`;
}

function show({ terminal, json }: Context, progress: Reconcile): void {
  if (json) {
    terminal.json(progress);
    return;
  }
  terminal.table(
    [
      { title: "REGISTRY", value: registryName },
      {
        title: "STATE",
        value: (it) => it.state,
        style: (it) => (["failing", "incomplete"].includes(it.state) ? terminal.bad : undefined),
      },
      { title: "COMPARED", value: (it) => `${it.compared ?? "-"}`, align: "right" },
      { title: "OF", value: (it) => `${it.repositories ?? "-"}`, align: "right" },
      { title: "REASON", value: (it) => it.reason ?? "" },
    ],
    progress.registries,
  );
}

function unsuccessful({ state, run, registries }: Reconcile): string {
  const names = registries
    .filter((it) => it.state === "failing" || it.state === "incomplete")
    .map(registryName);
  const next =
    state === "failing"
      ? `It is tried again for some minutes: "tallyman reconcile --run ${run}" says whether that helped.`
      : 'What could not be compared is tried again within the hour; a repository that fails alone lies in "tallyman dlq list".';
  return `Not everything could be compared in ${names.join(", ")}. ${next}`;
}
