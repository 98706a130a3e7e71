import type { RegistryCheckJob } from "./check-job.ts";
import { checkRegistry } from "./check-registry.ts";
import type { RegistriesSource } from "./ports.ts";
import type { RegistryProbes } from "./probe.ts";
import type { RegistryCheck, RegistryRecordStore } from "./registry-records.ts";
import { rolesAt } from "./roles-at.ts";

export type RecordCheckDeps = {
  readonly probes: RegistryProbes;
  readonly registries: Pick<RegistryRecordStore, "findCheck" | "putCheck">;
  readonly declared: RegistriesSource;
  /** The hub as members know it. */
  readonly hub: {
    readonly busArn: string;
    readonly readerRoleName: string;
    readonly writerRoleName: string;
  };
};

/** Checks one registry and keeps what was found as its last check. Throws FenceConflictError when another was faster. */
export async function recordCheck(
  deps: RecordCheckDeps,
  job: Omit<RegistryCheckJob, "kind">,
  now: () => Date,
): Promise<RegistryCheck> {
  const { account, region, check } = job;
  const registry = { account, region };
  const before = await deps.registries.findCheck(registry);
  const findings = await checkRegistry(deps.probes.probe(registry), {
    registry,
    rolesAt: rolesAt(await deps.declared.declaredRegistries(), registry),
    hubBusArn: deps.hub.busArn,
    readerRoleName: deps.hub.readerRoleName,
    writerRoleName: deps.hub.writerRoleName,
  });
  const checkedAt = now().toISOString();
  const record = { ...registry, check, checkedAt, findings, version: (before?.version ?? 0) + 1 };
  await deps.registries.putCheck(record);
  return record;
}
