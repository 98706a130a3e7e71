import type { Registry } from "./registry.ts";

/** One look at a registry failed: refused, or no usable answer. The message names the call and what was said. */
export class ProbeFailedError extends Error {
  readonly code = "PROBE_FAILED";
  /** IAM said no: trying again does not help. */
  readonly refused: boolean;

  constructor(message: string, options: ErrorOptions & { readonly refused: boolean }) {
    super(message, options);
    this.name = "ProbeFailedError";
    this.refused = options.refused;
  }
}

/** A rule as EventBridge has it, and where it sends. */
export type RuleAsIs = { readonly state: string; readonly targets: readonly string[] };

/**
 * Looks at one registry with credentials of its own: nothing that was kept from before hides what changed. Every method
 * throws ProbeFailedError when it got no answer, or a refusal.
 */
export type RegistryProbe = {
  assumeReader(): Promise<void>;
  /** In a session that allows nothing: assuming it is no write. */
  assumeWriter(): Promise<void>;
  /** Asks for the registry's settings and its first repository. */
  describe(): Promise<void>;
  isExclusionRegistered(): Promise<boolean>;
  /** A rule on the default bus of the registry's account and Region; undefined: there is none of this name. */
  findRule(name: string): Promise<RuleAsIs | undefined>;
};

export type RegistryProbes = { probe(registry: Registry): RegistryProbe };
