import { registryName } from "../registry/registry.ts";
import {
  USAGE_KINDS,
  type UsageKey,
  type UsageKind,
  type UsageRecord,
  type UsageSubject,
} from "./evidence.ts";

/** One use as a report tells of it: of several items that say the same of one subject, the sum. */
export type Use = Omit<UsageKey, "source" | "scope"> &
  Pick<UsageRecord, "region" | "kinds" | "image"> & {
    /** Only of what has stopped, and only where the source says when. */
    readonly seenAt?: string;
  };

/** By useName. */
export type Uses = ReadonlyMap<string, Use>;

/** `sha256:...`, or `111122223333/us-east-1/team/app:latest`: how a subject is named in sets and to people. */
export function subjectName(subject: UsageSubject): string {
  if ("digest" in subject) return subject.digest;
  return `${registryName(subject.repository)}/${subject.repository.repository}:${subject.tag}`;
}

/** Names a use within its source and scope. */
export function useName({ subject, account, cluster, service }: Omit<UsageKey, "source" | "scope">): string {
  return JSON.stringify([subjectName(subject), account, cluster, service]);
}

/** How many images and tags are used is what two reports are compared by. */
export function subjectsOf(uses: Uses): ReadonlySet<string> {
  return new Set([...uses.values()].map(({ subject }) => subjectName(subject)));
}

/** Both uses in one, whichever comes first: what is told twice must not depend on the order of telling. */
export function mergedUse(a: Use, b: Use): Use {
  const { region: _, seenAt: __, ...rest } = a;
  const region = least(a.region, b.region);
  const seenAt = a.seenAt !== undefined && b.seenAt !== undefined ? latest(a.seenAt, b.seenAt) : undefined;
  return {
    ...rest,
    image: least(a.image, b.image) ?? a.image,
    kinds: kindsOf([...a.kinds, ...b.kinds]),
    ...(region !== undefined && { region }),
    ...(seenAt !== undefined && { seenAt }),
  };
}

/** Each once, in one order. */
export function kindsOf(kinds: readonly UsageKind[]): readonly UsageKind[] {
  return USAGE_KINDS.filter((kind) => kinds.includes(kind));
}

/** Whether two reports say the same of one use. */
export function sameUse(a: Use, b: Use): boolean {
  return (
    useName(a) === useName(b) &&
    a.kinds.join() === b.kinds.join() &&
    a.image === b.image &&
    a.region === b.region &&
    a.seenAt === b.seenAt
  );
}

function least(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}

/** Of two ISO 8601 times in UTC with milliseconds. */
export function latest(a: string, b: string): string {
  return a > b ? a : b;
}
