import {
  type Image,
  type RegistryWord,
  type RepositoryWord,
  type ScopeWord,
  SLOTS,
  type Tag,
} from "./universe.ts";

/** How a workload names its image: by tag, or pinned to a digest, perhaps with a tag beside it. */
export type Named = { readonly repository: RepositoryWord; readonly tag?: Tag; readonly pinned?: Image };

/** One line of a report. `resolved`: what the runtime took; hours since the beginning. */
export type Line = {
  readonly slot: number;
  readonly named: Named;
  readonly resolved?: Image;
  readonly kind: "running" | "stopped" | "template" | "version";
  readonly seenAt?: number;
  /** For the statistics alone: what would start nowhere else. */
  readonly note?: "zero" | "revision";
};

/** What is told, to the product and to the oracle alike, in this order. Times are hours since the beginning. */
export type Told = { readonly at: number } & (
  | {
      readonly do: "report";
      readonly of: ScopeWord;
      readonly observedAt: number;
      readonly lines: readonly Line[];
      /** The worker is killed before its n-th write, for each of these, and the report comes again. */
      readonly killedAt: readonly number[];
    }
  | { readonly do: "report-old" | "fail" | "accept"; readonly of: ScopeWord }
  | {
      readonly do: "event";
      readonly slot: number;
      readonly named: Named;
      readonly resolved: Image;
      readonly status: "RUNNING" | "STOPPED";
    }
  | { readonly do: "consumers"; readonly registry: RegistryWord }
  | { readonly do: "tag"; readonly repository: RepositoryWord; readonly tag: Tag; readonly image: Image }
);

/** What runs, or may run again, in one slot. */
export type Workload = {
  named?: Named;
  resolved?: Image;
  running: boolean;
  /** Hour in which it was last started. */
  since: number;
  revisions: Named[];
  stopped: { named: Named; resolved: Image; at: number }[];
};

/** For two days a runtime tells of what has stopped. */
const SHOWN = 48;

const ZERO = { note: "zero" } as const;

export function linesOf(it: Workload, slot: number, at: number): readonly Line[] {
  const later = SLOTS[slot]?.source === "lambda" ? "version" : "template";
  const { named, resolved } = it;
  const took = resolved === undefined ? {} : { resolved };
  return [
    ...(named && it.running ? [{ slot, named, ...took, kind: "running" as const }] : []),
    ...(named
      ? [{ slot, named, ...(slot % 2 === 0 && took), kind: later, ...(!it.running && ZERO) } as const]
      : []),
    ...it.revisions.map((revision) => ({ slot, named: revision, kind: later, note: "revision" }) as const),
    ...it.stopped
      .filter((one) => at - one.at <= SHOWN)
      .map(
        (one) =>
          ({ slot, named: one.named, resolved: one.resolved, kind: "stopped", seenAt: one.at }) as const,
      ),
  ];
}

export function eventsOf(it: Workload, slot: number, at: number): readonly Told[] {
  const last = it.stopped.at(-1);
  if (SLOTS[slot]?.source !== "ecs") return [];
  if (it.running && it.named && it.resolved)
    return [{ do: "event", at, slot, named: it.named, resolved: it.resolved, status: "RUNNING" }];
  return last
    ? [{ do: "event", at: at, slot, named: last.named, resolved: last.resolved, status: "STOPPED" }]
    : [];
}
