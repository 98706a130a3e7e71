import { type Registry, registryName } from "../registry/registry.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import type { Place } from "./facts.ts";
import { absent, type DoctorFinding, type Said, subject, unknown } from "./finding.ts";
import { inOrder } from "./in-order.ts";
import type { RepositorySettingsLook } from "./ports.ts";
import { checkLifecyclePolicy, checkMutability, checkScanning } from "./repository-settings.ts";
import { checkResourcePolicy } from "./resource-policy.ts";

export type RegistryScope = { readonly place: Place; readonly repository?: string };

/** How a registry's repositories are set up: scanning, immutability, who else is let in, what ever leaves. */
export async function* examineRegistry(
  look: RepositorySettingsLook,
  { place, repository }: RegistryScope,
): AsyncIterable<DoctorFinding> {
  const registry = { account: place.account, region: place.region };
  if (repository !== undefined) return yield* await examineRepository(look, { ...registry, repository });
  yield* subject(`registry ${registryName(registry)}`, await registrySays(look, registry));
  const listed = await look.listRepositories(registry);
  if ("unseen" in listed)
    return yield* subject(`registry ${registryName(registry)}`, [
      { check: "repositories", ...unknown("repositories", listed.unseen) },
    ]);
  yield* inOrder(listed.seen, (name) => examineRepository(look, { ...registry, repository: name }));
}

async function registrySays(look: RepositorySettingsLook, registry: Registry): Promise<readonly Said[]> {
  const owner = { name: `registry ${registryName(registry)}`, account: registry.account };
  const opinions = checkResourcePolicy(owner, await look.findRegistryPolicy(registry));
  return opinions.map((opinion) => ({ check: "policy", ...opinion }));
}

async function examineRepository(
  look: RepositorySettingsLook,
  ref: RepositoryRef,
): Promise<readonly DoctorFinding[]> {
  const name = ref.repository;
  const mutability = await look.findMutability(ref);
  if ("seen" in mutability && mutability.seen === undefined)
    return subject(`repository ${name}`, [{ check: "repository", ...absent(`repository ${name}`) }]);
  const policy = checkResourcePolicy({ name, account: ref.account }, await look.findPolicy(ref));
  return subject(`repository ${name}`, [
    { check: "scan-on-push", ...checkScanning(name, await look.findScanFrequency(ref)) },
    { check: "tag-mutability", ...checkMutability(name, mutability) },
    ...policy.map((opinion) => ({ check: "policy", ...opinion })),
    { check: "lifecycle-policy", ...checkLifecyclePolicy(name, await look.hasLifecyclePolicy(ref)) },
  ]);
}
