import { FORWARDING_RULES } from "@tallyman/domain/registry/forwarding-rules";
import type {
  ProbeFailedError,
  RegistryProbe,
  RegistryProbes,
  RuleAsIs,
} from "@tallyman/domain/registry/probe";

/** How a registry looks; tests break one thing at a time. */
export type Watched = {
  /** Calls that fail, by name, with what they say. */
  readonly failing: Map<keyof RegistryProbe, ProbeFailedError>;
  readonly rules: Map<string, RuleAsIs>;
  exclusion: boolean;
};

export const HUB_BUS_ARN = "arn:aws:events:us-east-1:111122223333:event-bus/tallyman";

/** A registry that is watched as it should be, every one of them the same, with what a checker must know of the hub. */
export function memoryProbes() {
  const rules = FORWARDING_RULES.map(({ name, state }) => [name, { state, targets: [HUB_BUS_ARN] }] as const);
  const watched: Watched = { failing: new Map(), rules: new Map(rules), exclusion: true };

  async function answer<T>(call: keyof RegistryProbe, value: T): Promise<T> {
    const failure = watched.failing.get(call);
    if (failure) throw failure;
    return value;
  }

  const probe: RegistryProbe = {
    assumeReader: () => answer("assumeReader", undefined),
    assumeWriter: () => answer("assumeWriter", undefined),
    describe: () => answer("describe", undefined),
    isExclusionRegistered: () => answer("isExclusionRegistered", watched.exclusion),
    findRule: (name) => answer("findRule", watched.rules.get(name)),
  };
  const probes: RegistryProbes = { probe: () => probe };
  const hub = {
    busArn: HUB_BUS_ARN,
    readerRoleName: "tallyman-reader",
    writerRoleName: "tallyman-writer",
  };
  return { watched, probes, hub };
}
