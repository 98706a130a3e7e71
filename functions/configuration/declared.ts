import type { RegistriesSource } from "@tallyman/domain/registry/ports";
import { type Registry, registryName } from "@tallyman/domain/registry/registry";

/** An event from a registry that this deployment was not told of: nothing may be asked of it, or written about it. */
export class UndeclaredRegistryError extends Error {
  readonly code = "UNDECLARED_REGISTRY";

  constructor(registry: Registry) {
    super(
      `${registryName(registry)} is not in tallyman.registries.yaml; declare it and deploy, or remove its rules`,
    );
    this.name = "UndeclaredRegistryError";
  }
}

/** Throws UndeclaredRegistryError. */
export async function assertDeclared(declared: RegistriesSource, registry: Registry): Promise<void> {
  const registries = await declared.declaredRegistries();
  if (!registries.some((it) => registryName(it) === registryName(registry))) {
    throw new UndeclaredRegistryError(registry);
  }
}
