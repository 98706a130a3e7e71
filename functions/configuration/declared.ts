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

export function assertDeclared(declared: readonly Registry[], registry: Registry): void {
  if (!declared.some((it) => registryName(it) === registryName(registry))) {
    throw new UndeclaredRegistryError(registry);
  }
}
