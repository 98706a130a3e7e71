import type { Registry } from "../registry/registry.ts";
import type {
  RegistryConsumers,
  Snapshot,
  SourceState,
  UsageItem,
  UsageKey,
  UsageRecord,
  UsageSubject,
} from "./evidence.ts";

/** Fenced as the inventory's stores are (inventory/ports.ts): every `put*` throws FenceConflictError on a lost race. */
export type UsageStore = {
  /** Strongly consistent. */
  findUsage(key: UsageKey): Promise<UsageRecord | undefined>;
  putUsage(record: UsageRecord): Promise<void>;
  /** Every use of a subject, ended ones included while they are kept. Strongly consistent. */
  listUsage(subject: UsageSubject): AsyncIterable<UsageRecord>;
};

export type SourceStateStore = {
  /** Strongly consistent. */
  findState(source: string, scope: string): Promise<SourceState | undefined>;
  putState(state: SourceState): Promise<void>;
  /** Every scope that the source ever reported. */
  listStates(source: string): AsyncIterable<SourceState>;
};

/** Reports as they came, in the bucket: what the next one is compared with. */
export type SnapshotStore = {
  /** Once: a second report under the same number is not written (false), and throws when its content is another. */
  putSnapshot(snapshot: Snapshot): Promise<boolean>;
  findSnapshot(source: string, scope: string, sequence: number): Promise<Snapshot | undefined>;
};

export type ConsumersStore = {
  putConsumers(consumers: RegistryConsumers): Promise<void>;
  findConsumers(registry: Registry): Promise<RegistryConsumers | undefined>;
};

/**
 * What was collected so far, while it is handed on from message to message. A part holds all that the parts before it
 * found, too: a message that comes again finds what it began with, and writes the same part once more.
 */
export type CollectionStore = {
  putCollected(part: CollectionPart, collected: Collected): Promise<void>;
  findCollected(part: CollectionPart): Promise<Collected | undefined>;
  /** Throws the parts of a run away, the first to this one: it is through. */
  dropCollected(last: CollectionPart): Promise<void>;
};
/** `source`: `consumers` for who may pull, which no source of usage may be called. */
export type CollectionPart = Registry & {
  readonly source: string;
  readonly run: string;
  readonly part: number;
};
export type Collected = {
  readonly items: readonly UsageItem[];
  readonly policies: RegistryConsumers["policies"];
};

/** One page of what a collector found; `next` (opaque) says where to go on, also in another process. */
export type CollectedPage = { readonly items: readonly UsageItem[]; readonly next?: string };

/**
 * Asks one source what uses images in one account and Region. Every page is bounded; a failure throws
 * RegistryUnavailableError's like (`UsageUnavailableError`) and is never an empty page.
 */
export type UsageCollector = {
  readonly source: string;
  collect(at: Registry, options: CollectOptions, from?: string): Promise<CollectedPage>;
};
export type CollectOptions = {
  /** How many of the last revisions of a service's task definitions count as templates. Of a function every version does. */
  readonly revisions: number;
};

/** Reads who may pull from a registry (repository policies, pull-through cache rules), page by page. */
export type ConsumersReader = {
  readPolicies(
    at: Registry,
    from?: string,
  ): Promise<{
    readonly policies: RegistryConsumers["policies"];
    readonly next?: string;
  }>;
  readPullThrough(at: Registry): Promise<RegistryConsumers["pullsThrough"]>;
};

/** The queue of everything that takes longer than an answer: one group per source and scope. */
export type UsageQueue = { send(job: UsageJob): Promise<void> };
export type UsageJob =
  | (CollectionStep & { readonly kind: "collect"; readonly source: string })
  | (CollectionStep & { readonly kind: "consumers" })
  | {
      readonly kind: "apply";
      readonly source: string;
      readonly scope: string;
      readonly sequence: number;
      /** By which request: the same report is applied once more when a person has accepted it. */
      readonly asked: string;
    };

/** Part of collecting from one registry's account and Region: the first, or where the part before it left off. */
type CollectionStep = Registry & {
  readonly run: string;
  readonly part: number;
  /** Opaque: where to go on. */
  readonly next?: string;
  /** When the first part began: what all parts together say is as of then. */
  readonly startedAt?: string;
};
