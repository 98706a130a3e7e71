import type { ReplicationReader, ReplicationRule } from "../image/ports.ts";
import { registryName } from "../registry/registry.ts";

/** Rules change a few times a year, pushes come by the thousand. */
const RULES_KEPT_MS = 60_000;
/** That a registry has none is believed for less long: whoever sets up the first rule pushes something to try it. */
const NONE_KEPT_MS = 5_000;

type Kept = { readonly rules: readonly ReplicationRule[]; readonly at: number };

/** Asks a registry for its replication rules at most once a minute. */
export function keepingRules(reader: ReplicationReader, now: () => Date): ReplicationReader {
  const kept = new Map<string, Kept>();
  return {
    ...reader,
    async replicationRules(registry) {
      const name = registryName(registry);
      const known = kept.get(name);
      if (known && isFresh(known, now().getTime())) return known.rules;
      const rules = await reader.replicationRules(registry);
      kept.set(name, { rules, at: now().getTime() });
      return rules;
    },
  };
}

/** The clock may be set back: a difference either way counts. */
function isFresh({ rules, at }: Kept, now: number): boolean {
  return Math.abs(now - at) < (rules.length > 0 ? RULES_KEPT_MS : NONE_KEPT_MS);
}
