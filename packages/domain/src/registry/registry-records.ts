import type { Registry } from "./registry.ts";

/** How far the last reconcile of a registry has come. One record per registry. */
export type RegistryRun = Registry & {
  /** The run's id: the schedule's execution, or that of whoever asked. */
  readonly run: string;
  readonly kind: "all" | "changed";
  readonly startedAt: string;
  /** When its repositories were listed, and how many are compared. */
  readonly listedAt?: string;
  readonly repositories?: number;
  /** When the last of them was through. */
  readonly completedAt?: string;
  /** The last run that completed, and when: what staleness goes by. */
  readonly lastCompletedAt?: string;
  readonly lastError?: string;
  readonly lastErrorAt?: string;
  /** This run compares no more: the registry could not be asked, from this repository on. */
  readonly gaveUp?: { readonly at: string; readonly repository: string; readonly reason: string };
  /** A run over all of them began then, and none has ended well since: what was compared before is to be compared yet. */
  readonly owedSince?: string;
  readonly version: number;
};

/** What a registry holds, counted at the end of a run from its repositories' summaries and listings. */
export type RegistryTotals = Registry & {
  readonly asOf: string;
  readonly repositories: number;
  readonly images: number;
  readonly tags: number;
  readonly openViolations: number;
  readonly billedBytes: number;
  /** The part of `billedBytes` that only archived images have. */
  readonly archivedBytes: number;
  /** Bytes billed more than once because several repositories hold the same layer: no part of billedBytes is taken off. */
  readonly sharedBytes: number;
  readonly imagesOfUnknownSize: number;
  /** By resource tag, `key=value` (`tagName`). `archivedBytes` is absent in totals of older versions. */
  readonly byResourceTag: Readonly<
    Record<
      string,
      {
        readonly repositories: number;
        readonly images: number;
        readonly billedBytes: number;
        readonly archivedBytes?: number;
      }
    >
  >;
  /** Keys with too many values to be counted by: the first hundred. */
  readonly tagKeysLeftOut?: readonly string[];
  readonly version: number;
};

/** One thing that must hold for a registry to be watched, and whether it does. */
export type RegistryFinding = {
  readonly check: "reachable" | "reader-role" | "writer-role" | "exclusion" | "forwarding";
  readonly ok: boolean;
  readonly reason: string;
  /** What to do, where it is not ok. */
  readonly remedy?: string;
  /** It could not be looked at while that other one fails: whose remedy comes first. Then `ok` is false. */
  readonly blockedBy?: RegistryFinding["check"];
};

/** The last look at whether a registry is watched as it should be. */
export type RegistryCheck = Registry & {
  readonly check: string;
  readonly checkedAt: string;
  readonly findings: readonly RegistryFinding[];
  readonly version: number;
};

/** Fenced, as every store of the inventory. */
export type RegistryRecordStore = {
  findRun(registry: Registry): Promise<RegistryRun | undefined>;
  putRun(run: RegistryRun): Promise<void>;
  findTotals(registry: Registry): Promise<RegistryTotals | undefined>;
  putTotals(totals: RegistryTotals): Promise<void>;
  findCheck(registry: Registry): Promise<RegistryCheck | undefined>;
  putCheck(check: RegistryCheck): Promise<void>;
};
