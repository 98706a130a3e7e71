import { type Registry, registryName } from "./registry.ts";
import type { RepositoryRef } from "./repository.ts";

/** The registry says that it has no repository of this name. */
export class RepositoryNotFoundError extends Error {
  readonly code = "REPOSITORY_NOT_FOUND";
  readonly repository: RepositoryRef;

  constructor(repository: RepositoryRef, options?: ErrorOptions) {
    super(`Registry ${registryName(repository)} has no repository "${repository.repository}".`, options);
    this.name = "RepositoryNotFoundError";
    this.repository = repository;
  }
}

/**
 * The registry could not be asked: refused, throttled beyond the client's retries, unreachable, or its answer could
 * not be understood. Nothing may be concluded about what it holds; the message comes back.
 */
export class RegistryUnavailableError extends Error {
  readonly code = "REGISTRY_UNAVAILABLE";
  readonly registry: Registry;

  constructor(registry: Registry, operation: string, options?: ErrorOptions) {
    super(`${operation} got no usable answer from registry ${registryName(registry)}; try again.`, options);
    this.name = "RegistryUnavailableError";
    this.registry = registry;
  }
}
