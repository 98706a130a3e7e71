import { type Registry, registryName } from "../registry/registry.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import type { Place } from "./facts.ts";
import { type DoctorFinding, type Said, unknown } from "./finding.ts";
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
  if (repository !== undefined) return yield* examineRepository(look, { ...registry, repository });
  yield* subject(`registry ${registryName(registry)}`, await registrySays(look, registry));
  const listed = await look.listRepositories(registry);
  if ("unseen" in listed)
    return yield* subject(`registry ${registryName(registry)}`, [
      { check: "repositories", ...unknown("repositories", listed.unseen) },
    ]);
  for (const name of listed.seen) yield* examineRepository(look, { ...registry, repository: name });
}

async function registrySays(look: RepositorySettingsLook, registry: Registry): Promise<readonly Said[]> {
  const owner = { name: `registry ${registryName(registry)}`, account: registry.account };
  const opinions = checkResourcePolicy(owner, await look.findRegistryPolicy(registry));
  return opinions.map((opinion) => ({ check: "policy", ...opinion }));
}

async function* examineRepository(
  look: RepositorySettingsLook,
  ref: RepositoryRef,
): AsyncIterable<DoctorFinding> {
  const name = ref.repository;
  const mutability = await look.findMutability(ref);
  if ("seen" in mutability && mutability.seen === undefined) {
    const reason = `there is no repository ${name}`;
    const unseen = { action: "ecr:DescribeRepositories", reason, refused: false };
    return yield* subject(`repository ${name}`, [{ check: "repository", ...unknown("it", unseen) }]);
  }
  const policy = checkResourcePolicy({ name, account: ref.account }, await look.findPolicy(ref));
  yield* subject(`repository ${name}`, [
    { check: "scan-on-push", ...checkScanning(name, await look.findScanFrequency(ref)) },
    { check: "tag-mutability", ...checkMutability(name, mutability) },
    ...policy.map((opinion) => ({ check: "policy", ...opinion })),
    { check: "lifecycle-policy", ...checkLifecyclePolicy(name, await look.hasLifecyclePolicy(ref)) },
  ]);
}

function* subject(name: string, said: readonly Said[]): Iterable<DoctorFinding> {
  for (const { check, ...opinion } of said) yield { check, subject: name, ...opinion };
}
