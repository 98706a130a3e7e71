import type { ReplicationReader, ReplicationRule } from "../image/ports.ts";
import { type Registry, registryName } from "../registry/registry.ts";

/**
 * Asks each registry once for its replication rules. For work that was all handed over before the first question, as a batch
 * of messages is: a rule that was there before a push is then in the answer, whichever message asked.
 */
export function rulesAskedOnce(reader: ReplicationReader): ReplicationReader {
  const asked = new Map<string, Promise<readonly ReplicationRule[]>>();

  function replicationRules(registry: Registry): Promise<readonly ReplicationRule[]> {
    const name = registryName(registry);
    const answer = asked.get(name) ?? reader.replicationRules(registry);
    asked.set(name, answer);
    return answer;
  }

  return { ...reader, replicationRules };
}
