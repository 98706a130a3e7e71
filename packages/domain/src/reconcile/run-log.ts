import type { Registry } from "../registry/registry.ts";

/** What somebody asked for. `repository`: only this one, in each of the registries. */
export type AskedRun = {
  readonly run: string;
  readonly by: string;
  readonly at: string;
  readonly registries: readonly Registry[];
  readonly repository?: string;
};

/** A registry's repositories were listed: so many are compared. */
export type RunListed = Registry & { readonly at: string; readonly repositories: number };

/**
 * The last of them was through, or none was even listed; `failed` could not be compared, and `reason` says why the first
 * of them could not. Without it the run ended well.
 */
export type RunEnded = Registry & { readonly at: string; readonly failed: number; readonly reason?: string };

export type RunEntries = {
  /** Absent: a schedule's. */
  readonly asked?: AskedRun;
  readonly listed: readonly RunListed[];
  readonly ended: readonly RunEnded[];
};

/**
 * How far a run has come, registry by registry. Each entry is written once and never changed: a message that comes again
 * adds nothing. Kept for a month.
 */
export type RunLog = {
  asked(run: AskedRun): Promise<void>;
  listed(run: string, entry: RunListed): Promise<void>;
  ended(run: string, entry: RunEnded): Promise<void>;
  /** Consistent; undefined: no such run is known. */
  findRun(run: string): Promise<RunEntries | undefined>;
};
