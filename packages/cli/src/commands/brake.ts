import { registryName } from "@tallyman/domain/registry/registry";
import { Brake, Health } from "../api/answers.ts";
import type { Context } from "../context.ts";
import { CommandError } from "../errors.ts";
import { formatTime } from "../output/format.ts";

/** `tallyman pause <reason>` and `tallyman resume <reason>` */
export async function setBrake(context: Context, on: boolean, reason: string): Promise<void> {
  const brake = await context.api.post(Brake, "/api/v1/brake", { on, reason });
  if (context.json) return context.terminal.json(brake);
  context.terminal.line(brakeSentence(brake));
}

/** `tallyman status`; a degraded control plane is a problem and the exit code says so. */
export async function showStatus(context: Context): Promise<void> {
  const health = await context.api.getState(Health, "/api/v1/health");
  if (context.json) context.terminal.json(health);
  else showHealth(context, health);
  if (health.status !== "ok")
    throw new CommandError("The control plane is degraded: the log of the function Api says why.");
}

function showHealth({ terminal }: Context, health: Health): void {
  const state = (name: string, it: Health["table"]) =>
    terminal.line(
      `${name.padEnd(8)} ${it.readable ? "readable" : `not readable (${it.problem ?? "unknown"})`}`,
    );
  state("table", health.table);
  state("policy", health.policy);
  if (health.declared?.readable === false) state("registries", health.declared);
  if (health.brake !== undefined) terminal.line(`brake    ${brakeSentence(health.brake)}`);
  for (const registry of health.registries) {
    const stale = registry.stale === true ? ` ${terminal.bad(`stale: ${registry.staleReason}`)}` : "";
    terminal.line(`registry ${registryName(registry)}${stale}`);
  }
}

function brakeSentence({ on, reason, by, at, version }: Brake): string {
  const state = on
    ? "paused: nothing is written to any registry"
    : "running: writes to registries are allowed";
  // Version 0: nobody ever set it, so there is no time and no person to name.
  if (version === 0) return `${state}; never set so far: ${reason}`;
  return `${state}; since ${formatTime(at)} by ${by}: ${reason}`;
}
