import type { AskedRun, RunEnded, RunListed, RunLog } from "@tallyman/domain/reconcile/run-log";
import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import { keyOf } from "./fenced-map.ts";
import { type Journal, journaled } from "./journal.ts";

/** What is known of runs, in memory: each entry once. */
export function memoryRunLog(journal: Journal): RunLog {
  const asked = new Map<string, AskedRun>();
  const listed = new Map<string, RunListed>();
  const ended = new Map<string, RunEnded>();
  const once = async <T>(entries: Map<string, T>, key: string, entry: T) => {
    if (entries.has(key)) return;
    await journaled(journal, { kind: "run", key }, () => void entries.set(key, structuredClone(entry)));
  };
  const keyed = (run: string, registry: Registry) => keyOf(run, registryName(registry));
  const of = <T>(entries: Map<string, T>, run: string) =>
    [...entries].filter(([key]) => key.startsWith(`${run} `)).map(([, entry]) => structuredClone(entry));
  return {
    asked: (entry) => once(asked, entry.run, entry),
    listed: (run, entry) => once(listed, keyed(run, entry), entry),
    ended: (run, entry) => once(ended, keyed(run, entry), entry),
    async findRun(run) {
      const entries = { listed: of(listed, run), ended: of(ended, run) };
      const by = asked.get(run);
      if (by === undefined && entries.listed.length + entries.ended.length === 0) return undefined;
      return { ...(by && { asked: by }), ...entries };
    },
  };
}
