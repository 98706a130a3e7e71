import type { RegistryReader } from "../image/ports.ts";
import { withFence } from "../inventory/with-fence.ts";
import { RegistryUnavailableError, RepositoryNotFoundError } from "../registry/errors.ts";
import type { Registry } from "../registry/registry.ts";
import type { RegistryRecordStore, RegistryRun } from "../registry/registry-records.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { reasonOf } from "./note-failure.ts";

// A registry's repositories are compared one after the other, and each that fails is tried for minutes. When it is the
// registry that cannot be asked, its thousands of repositories would each take these minutes and hold up all later runs.

/**
 * Why the repositories of this run that still wait are not compared: it gave up, or a later run began, which compares them
 * itself. Undefined: they are. What comes after the end of the run in the record (a dead letter that was moved back) is compared.
 */
export function leavesOut(current: RegistryRun | undefined, run: string): string | undefined {
  if (current === undefined || current.completedAt !== undefined) return undefined;
  if (current.run !== run) return `the later run ${current.run} compares them`;
  if (current.gaveUp === undefined) return undefined;
  const { repository, reason } = current.gaveUp;
  return `the registry could not be asked, and nothing was compared from ${repository} on: ${reason}`;
}

export type GivingUp = {
  readonly registry: Registry;
  readonly run: string;
  readonly repository: string;
  readonly reason: string;
  readonly now: Date;
};

/** Writes down that a run compares no more. False: the record is no longer of this run. */
export async function giveUp(
  registries: Pick<RegistryRecordStore, "findRun" | "putRun">,
  { registry, run, repository, reason, now }: GivingUp,
): Promise<boolean> {
  return withFence(async () => {
    const previous = await registries.findRun(registry);
    if (previous?.run !== run || previous.completedAt !== undefined) return false;
    const at = now.toISOString();
    const gaveUp = { at, repository, reason };
    const lastError = leavesOut({ ...previous, gaveUp }, run) ?? reason;
    const version = previous.version + 1;
    await registries.putRun({ ...previous, gaveUp, lastError, lastErrorAt: at, version });
    return true;
  });
}

/** So many other repositories, from all over the registry, speak for it. */
const ASKED = 5;

/**
 * Why a registry in which one repository could not be compared cannot be asked at all: it does not list its repositories,
 * or none of a few others its images. Undefined: it answers, or there is no other; then it is the repository that is broken.
 */
export async function registryProblem(
  registry: Pick<RegistryReader, "listRepositories" | "listImages">,
  { account, region, repository }: RepositoryRef,
): Promise<string | undefined> {
  const at = { account, region };
  const others: string[] = [];
  const problem = await problemOf(async () => {
    for await (const name of registry.listRepositories(at)) if (name !== repository) others.push(name);
  });
  if (problem !== undefined) return problem;
  let first: string | undefined;
  for (const name of spread(others)) {
    const unlisted = await problemOf(() => beginListing(registry, { ...at, repository: name }));
    if (unlisted === undefined) return undefined;
    first ??= `${name}: ${unlisted}`;
  }
  return first;
}

/** Neighbours in the alphabet are often of one team, under one broken policy. */
function spread(names: readonly string[]): readonly string[] {
  const step = Math.max(names.length / ASKED, 1);
  return names.filter((_, i) => Math.floor(i / step) !== Math.floor((i - 1) / step)).slice(0, ASKED);
}

/** One page. That the repository is gone meanwhile is an answer, too. */
async function beginListing(registry: Pick<RegistryReader, "listImages">, ref: RepositoryRef): Promise<void> {
  try {
    for await (const _ of registry.listImages(ref)) return;
  } catch (error) {
    if (!(error instanceof RepositoryNotFoundError)) throw error;
  }
}

async function problemOf(work: () => Promise<void>): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof RegistryUnavailableError) return reasonOf(error);
    throw error;
  }
}
