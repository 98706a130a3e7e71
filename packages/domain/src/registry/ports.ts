import type { Registry } from "./registry.ts";
import type { RepositoryRef } from "./repository.ts";

/** The registries that were declared at deploy time; throws when they cannot be read: nothing may be asked then. */
export type RegistriesSource = { declaredRegistries(): Promise<readonly Registry[]> };

/**
 * The registry setting that keeps our manifest reads from counting as pulls, for the reader role of the registry's
 * account. Asking goes through the reader, registering through the writer; both throw RegistryUnavailableError.
 */
export type PullTimeExclusions = {
  /** Asks the registry itself, no cache. */
  isRegistered(registry: Registry): Promise<boolean>;
  /** Registers it; that it is registered already is no error. Read the brake first. */
  register(registry: Registry): Promise<void>;
};

/** Reads what people have tagged a repository with, as the AWS resource that it is. */
export type ResourceTagReader = {
  /** Empty: it has none. Throws RepositoryNotFoundError and RegistryUnavailableError. */
  resourceTags(repository: RepositoryRef): Promise<Readonly<Record<string, string>>>;
};
