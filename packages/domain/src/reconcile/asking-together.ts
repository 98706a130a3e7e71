import type { RegistryReader } from "../image/ports.ts";
import { RepositoryNotFoundError } from "../registry/errors.ts";
import type { RepositoryRef } from "../registry/repository.ts";

/**
 * A reader for one repository that is gone: instead of asking for each image, it asks whether the repository is there, once
 * for all who wait. Who asks is answered by a question that is put after that, never by one under way: a fence that was
 * read before the asking was read before the registry. Where the repository is there again, each asks for itself.
 */
export function askingTogether(registry: RegistryReader, repository: RepositoryRef): RegistryReader {
  let underWay: Promise<unknown> = Promise.resolve();
  let next: Promise<boolean> | undefined;

  function ask(): Promise<boolean> {
    next = undefined;
    const answer = isThere(registry, repository);
    underWay = answer.catch(() => undefined);
    return answer;
  }

  return {
    ...registry,
    async findImage(asked, reference) {
      next ??= underWay.then(ask);
      return (await next) ? registry.findImage(asked, reference) : undefined;
    },
  };
}

/** One page at most. */
export async function isThere(registry: RegistryReader, repository: RepositoryRef): Promise<boolean> {
  try {
    for await (const _ of registry.listImages(repository)) break;
    return true;
  } catch (error) {
    if (error instanceof RepositoryNotFoundError) return false;
    throw error;
  }
}
