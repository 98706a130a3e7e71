import { Digest } from "../image/digest.ts";
import { AccountId, Region } from "../registry/registry.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import * as z from "../zod.ts";
import { KeyText, Scope } from "./names.ts";

/**
 * How a unit uses an image. `running`, `stopped`: it was started, and stopped only lately. `template`: what would be started
 * next, or by a rollback (a service's definition, one of its last revisions, a workload scaled to zero). `scheduled`: what a
 * timer starts. `version`: what a function's `$LATEST`, version or alias was made from.
 */
export const USAGE_KINDS = ["running", "stopped", "template", "scheduled", "version"] as const;
export type UsageKind = (typeof USAGE_KINDS)[number];

/** One use of one image: where, by what, and how. */
export const UsageItem = z.strictObject({
  image: z
    .string()
    .check(
      z.minLength(1),
      z.maxLength(1024),
      z.describe(
        "As the workload names it: `<registry>/<repository>:<tag>`, `@<digest>` or both. Only ECR's are kept.",
      ),
    ),
  digest: z
    .optional(Digest)
    .check(
      z.describe(
        "What the runtime resolved it to: the digest of an image or of an index, whichever it knows.",
      ),
    ),
  kind: z.enum(USAGE_KINDS),
  account: AccountId.check(z.describe("Where it runs, which need not be whose image it is.")),
  region: z.optional(Region),
  cluster: z.optional(KeyText).check(z.describe("Name of the cluster, if it runs in one.")),
  service: KeyText.check(
    z.describe(
      "What uses it: `service/web`, `task-definition/web:7`, `deployment/shop/web`, `function/resize:3`.",
    ),
  ),
  seenAt: z
    .optional(z.iso.datetime())
    .check(z.describe("For what has stopped: when it was last seen. Otherwise the report's own time.")),
});
export type UsageItem = z.infer<typeof UsageItem>;

/** A report holds no more; a larger fleet reports a scope for each cluster. */
export const MOST_ITEMS = 20_000;

/**
 * Everything that one source sees in one scope, at one time: what it does not name is not used there. Reports of a scope
 * are numbered; an older number never replaces a newer one.
 */
export const UsageReport = z.strictObject({
  scope: Scope,
  sequence: z.int().check(z.minimum(1)),
  complete: z
    .literal(true)
    .check(z.describe("Only complete reports are evidence: part of one says nothing of the rest.")),
  observedAt: z.iso.datetime(),
  items: z.array(UsageItem).check(z.maxLength(MOST_ITEMS)),
});
export type UsageReport = z.infer<typeof UsageReport>;

/** What is used: an image by its digest, or whatever a tag points to, now and after it has moved. */
export type UsageSubject =
  | { readonly digest: string }
  | { readonly repository: RepositoryRef; readonly tag: string };

/** Names one use: a later report of the same use changes the record of it. */
export type UsageKey = {
  readonly subject: UsageSubject;
  readonly source: string;
  readonly scope: string;
  readonly account: string;
  readonly cluster: string;
  readonly service: string;
};

/**
 * One use, as it is kept. In force while `endedAt` is absent, whatever the source last saw; what tells of a use by events
 * (`seenAt`) and not by complete reports is in force until it has been silent for too long.
 */
export type UsageRecord = UsageKey & {
  readonly region?: string;
  readonly kinds: readonly UsageKind[];
  /** As the workload names it. */
  readonly image: string;
  readonly firstSeen: string;
  /**
   * When it was last seen, for what nobody says still runs: what has only stopped, and what events tell of (to within the
   * interval at which that is written again).
   */
  readonly seenAt?: string;
  /** Number of the report that last wrote it (apply-report.ts says why); absent: events did. */
  readonly sequence?: number;
  /** When the source no longer saw it. */
  readonly endedAt?: string;
  /** When the record may go: ended ones, and those that events tell of. */
  readonly forgetAt?: string;
  readonly version: number;
};

/** What is known of a source in one scope: which report is in force, and why another is not. */
export type SourceState = {
  readonly source: string;
  readonly scope: string;
  /** The account whose workloads it sees. */
  readonly account: string;
  /** Of the report in force; 0: none yet. */
  readonly sequence: number;
  readonly observedAt?: string;
  readonly acceptedAt?: string;
  /** How many different images and tags the report in force names. */
  readonly subjects: number;
  /** Number of the report up to which the uses that ended are marked: after a crash it is behind `sequence`. */
  readonly settled: number;
  /** Numbers of reports whose uses were begun to be written since then, in force or not: those may have left some behind. */
  readonly writing?: readonly number[];
  /** By which version of `understandItems` the report in force was read (UNDERSTANDING). */
  readonly understanding?: number;
  /** A report that came since and is not believed: it is empty, or names far fewer. A person may accept it. */
  readonly suspect?: {
    readonly sequence: number;
    readonly observedAt: string;
    readonly receivedAt: string;
    readonly subjects: number;
    /** How many of the report in force it lacks. */
    readonly missing: number;
    readonly reason: string;
    /** A person believes it: it is applied when its turn comes. */
    readonly accepted?: { readonly by: string; readonly at: string };
  };
  /** The last attempt failed; absent after one that did not. */
  readonly failure?: { readonly at: string; readonly reason: string };
  readonly version: number;
};

/** A report as it is stored, with what its items were understood to be. */
export type Snapshot = Omit<UsageReport, "complete"> & {
  readonly source: string;
  readonly account: string;
  readonly receivedAt: string;
};

/** Who may pull from a registry's repositories, as its own settings say. */
export type RegistryConsumers = {
  readonly account: string;
  readonly region: string;
  readonly asOf: string;
  /** By repository: accounts that its policy names; `*`: anyone. The registry's own account is not listed. */
  readonly policies: Readonly<Record<string, readonly string[]>>;
  /** Pull-through cache rules whose upstream is another private ECR registry, and the upstream's prefix. */
  readonly pullsThrough: readonly {
    readonly upstream: { readonly account: string; readonly region: string };
    /** What the rule's repositories begin with upstream; empty: all. */
    readonly prefix: string;
  }[];
};
