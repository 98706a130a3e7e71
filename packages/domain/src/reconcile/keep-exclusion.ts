import type { AuditEntry } from "../audit/audit-entry.ts";
import { BrakeOnError } from "../brake/with-brake.ts";
import type { AuditTrail } from "../inventory/ports.ts";
import { RegistryUnavailableError } from "../registry/errors.ts";
import type { PullTimeExclusions } from "../registry/ports.ts";
import { type Registry, registryName } from "../registry/registry.ts";

export type ExclusionDeps = { readonly exclusions: PullTimeExclusions; readonly audit: AuditTrail };

export type ExclusionRequest = { readonly registry: Registry; readonly run: string; readonly now: Date };

/** `missing`: it was not there and could not be registered; no manifest is read in this registry until it is. */
export type ExclusionState =
  | { readonly state: "there" | "registered" }
  | { readonly state: "missing"; readonly reason: string };

/**
 * Looks whether the registry still leaves our reads out of its pull times, and registers that again if not. A write to a
 * registry: the audit trail says it before, the registry is asked again after, the brake stops it. That it fails does not
 * stop a reconcile, which needs no manifests. Throws RegistryUnavailableError when the registry cannot be asked.
 */
export async function keepExclusion(deps: ExclusionDeps, request: ExclusionRequest): Promise<ExclusionState> {
  const { registry } = request;
  if (await deps.exclusions.isRegistered(registry)) return { state: "there" };
  await note(deps, request, {
    sequence: 0,
    step: "register-requested",
    reason: "the registry did not have it",
  });
  try {
    await deps.exclusions.register(registry);
  } catch (error) {
    if (!(error instanceof BrakeOnError) && !(error instanceof RegistryUnavailableError)) throw error;
    await note(deps, request, { sequence: 1, step: "register-refused", reason: error.message });
    return { state: "missing", reason: error.message };
  }
  if (!(await deps.exclusions.isRegistered(registry))) {
    return { state: "missing", reason: "it was registered and is not listed yet" };
  }
  await note(deps, request, { sequence: 1, step: "registered", reason: "the registry lists it" });
  return { state: "registered" };
}

async function note(
  { audit }: ExclusionDeps,
  { registry, run, now }: ExclusionRequest,
  { sequence, step, reason }: Pick<AuditEntry, "sequence" | "reason"> & { readonly step: string },
): Promise<void> {
  const action = `pull-time-exclusion.${step}`;
  const subject = registryName(registry);
  await audit.append({
    id: `${action}#${subject}#${run}`,
    at: now.toISOString(),
    sequence,
    actor: "reconcile",
    action,
    subject,
    reason,
    details: { run },
  });
}
