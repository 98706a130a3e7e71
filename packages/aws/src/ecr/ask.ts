import { ImageNotFoundException, RepositoryNotFoundException } from "@aws-sdk/client-ecr";
import { RegistryUnavailableError, RepositoryNotFoundError } from "@tallyman/domain/registry/errors";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type * as z from "@tallyman/domain/zod";

/**
 * Asks a registry and reads the answer. What the registry says of a repository becomes RepositoryNotFoundError; everything
 * else that is no answer, or not the one documented, RegistryUnavailableError. Nothing becomes an empty answer.
 */
export async function ask<T>(
  target: Registry | RepositoryRef,
  { operation, schema }: { readonly operation: string; readonly schema: z.ZodMiniType<T> },
  call: () => Promise<unknown>,
): Promise<T> {
  try {
    return schema.parse(await call());
  } catch (cause) {
    if (cause instanceof RepositoryNotFoundException && "repository" in target) {
      throw new RepositoryNotFoundError(target, { cause });
    }
    throw new RegistryUnavailableError(target, operation, { cause });
  }
}

/** Whether a failed question was in fact the answer "that is not there". */
export function saysNotThere(error: unknown): boolean {
  if (error instanceof RepositoryNotFoundError) return true;
  return error instanceof RegistryUnavailableError && error.cause instanceof ImageNotFoundException;
}
