import type { ScanningConfiguration } from "../storage/registry-documents.ts";
import type { Repository } from "../storage/repositories.ts";
import { matchesWildcard } from "./tag-mutability.ts";

export const DEFAULT_SCANNING: ScanningConfiguration = { scanType: "BASIC", rules: [] };

type Rule = ScanningConfiguration["rules"][number];

export type RepositoryScanning = {
  readonly scanOnPush: boolean;
  readonly scanFrequency: Rule["scanFrequency"];
  readonly appliedScanFilters: Rule["repositoryFilters"];
};

/**
 * How a repository is scanned, by the registry's rules: by the one that scans most where two apply, MANUAL where none does.
 * Basic scanning without a rule that applies goes by the repository's own, deprecated setting.
 */
export function scanningOf(configuration: ScanningConfiguration, repository: Repository): RepositoryScanning {
  const own = repository.settings.scanOnPush;
  const applied = configuration.rules.flatMap((rule) => {
    const filters = rule.repositoryFilters.filter(({ filter }) => isScanned(filter, repository.name));
    return filters.length === 0 ? [] : [{ scanFrequency: rule.scanFrequency, appliedScanFilters: filters }];
  });
  const rule = applied.toSorted((a, b) => rankOf(a) - rankOf(b))[0];
  if (rule !== undefined) return { ...rule, scanOnPush: own || rule.scanFrequency === "SCAN_ON_PUSH" };
  const scanFrequency = own && configuration.scanType === "BASIC" ? "SCAN_ON_PUSH" : "MANUAL";
  return { scanOnPush: own, scanFrequency, appliedScanFilters: [] };
}

const RANKS: readonly Rule["scanFrequency"][] = ["CONTINUOUS_SCAN", "SCAN_ON_PUSH", "MANUAL"];

function rankOf({ scanFrequency }: Pick<Rule, "scanFrequency">): number {
  return RANKS.indexOf(scanFrequency);
}

/** Without `*` a filter is looked for anywhere in the name; with one it has to match the whole name. */
export function isScanned(filter: string, repositoryName: string): boolean {
  return filter.includes("*") ? matchesWildcard(filter, repositoryName) : repositoryName.includes(filter);
}
