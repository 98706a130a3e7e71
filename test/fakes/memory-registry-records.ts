import { registryName } from "@tallyman/domain/registry/registry";
import type {
  RegistryCheck,
  RegistryRecordStore,
  RegistryRun,
  RegistryTotals,
} from "@tallyman/domain/registry/registry-records";
import { fencedMap, keyOf } from "./fenced-map.ts";
import type { Journal } from "./journal.ts";

/** What is known of each registry as a whole, in memory, fenced. */
export function memoryRegistryRecords(journal: Journal): RegistryRecordStore {
  const runs = fencedMap<RegistryRun>("registry", journal);
  const totals = fencedMap<RegistryTotals>("registry", journal);
  const checks = fencedMap<RegistryCheck>("registry", journal);
  return {
    findRun: async (of) => runs.find(keyOf(registryName(of), "RUN")),
    putRun: (run) => runs.put(keyOf(registryName(run), "RUN"), run),
    findTotals: async (of) => totals.find(keyOf(registryName(of), "TOTALS")),
    putTotals: (it) => totals.put(keyOf(registryName(it), "TOTALS"), it),
    findCheck: async (of) => checks.find(keyOf(registryName(of), "CHECK")),
    putCheck: (check) => checks.put(keyOf(registryName(check), "CHECK"), check),
  };
}
