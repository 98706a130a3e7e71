import { type Registry, registryName } from "../registry/registry.ts";
import { UnreadableEvidenceError } from "./errors.ts";
import type { RegistryConsumers, SourceState } from "./evidence.ts";
import type { ConsumersStore, SourceStateStore } from "./ports.ts";
import { COLLECTED_SOURCES } from "./sources.ts";
import type { Usage } from "./usage-policy.ts";

export type EvidenceDeps = {
  readonly states: Pick<SourceStateStore, "listStates">;
  readonly consumers: Pick<ConsumersStore, "findConsumers">;
};

/** How much is known of what runs, at one time: read once, asked of many repositories. */
export type KnownEvidence = {
  readonly usage: Usage;
  readonly declared: readonly Registry[];
  /** Of all sources. */
  readonly states: readonly SourceState[];
  /** By registryName; one that is missing was never read, or cannot be. */
  readonly consumers: ReadonlyMap<string, RegistryConsumers>;
};

export async function readEvidence(
  deps: EvidenceDeps,
  declared: readonly Registry[],
  usage: Usage,
): Promise<KnownEvidence> {
  const names = [...COLLECTED_SOURCES, ...usage.sources.map(({ name }) => name)];
  const [states, consumers] = await Promise.all([
    Promise.all(names.map((name) => Array.fromAsync(deps.states.listStates(name)))),
    Promise.all(declared.map((registry) => findConsumers(deps, registry))),
  ]);
  const known = consumers.filter((it) => it !== undefined);
  return {
    usage,
    declared,
    states: states.flat(),
    consumers: new Map(known.map((it) => [registryName(it), it])),
  };
}

async function findConsumers(
  { consumers }: Pick<EvidenceDeps, "consumers">,
  registry: Registry,
): Promise<RegistryConsumers | undefined> {
  try {
    return await consumers.findConsumers(registry);
  } catch (error) {
    if (error instanceof UnreadableEvidenceError) return undefined;
    throw error;
  }
}
