import type { ReplicationRule, ReplicationStatus } from "../image/ports.ts";
import { type Registry, registryName } from "../registry/registry.ts";
import type { RepositoryRef } from "../registry/repository.ts";

/** After this long without a copy people are told: most images replicate in less than 30 minutes (ECR user guide). */
export const OVERDUE_AFTER_MS = 30 * 60_000;

/** A copy that is a day late is no longer looked for; its event would still mark it arrived. */
const GIVE_UP_AFTER_MS = 24 * 60 * 60_000;

/** Minutes after the push at which copies are looked for; then every 30 minutes until the limit has passed. */
const CHECK_AFTER_MINUTES = [2, 5, 10, 20, 30];

/**
 * Where a push should be copied to, by the registry's own rules: any rule whose PREFIX_MATCH filters take the repository
 * (none: all of them), each destination once, never the source itself. ECR does not chain: an image that arrived by
 * replication is not copied on, so do not ask for one.
 */
export function expectedDestinations(
  rules: readonly ReplicationRule[],
  source: RepositoryRef,
): readonly Registry[] {
  const destinations = new Map<string, Registry>();
  for (const rule of rules) {
    if (!takes(rule, source.repository)) continue;
    for (const { account, region } of rule.destinations) {
      destinations.set(registryName({ account, region }), { account, region });
    }
  }
  destinations.delete(registryName(source));
  return [...destinations.values()];
}

function takes({ prefixes }: ReplicationRule, repository: string): boolean {
  return prefixes.length === 0 || prefixes.some((prefix) => repository.startsWith(prefix));
}

/** What a look at one expected copy says. `nextCheckAt`: when to look again; absent: never. */
export type ReplicaVerdict = {
  readonly state: "pending" | "arrived" | "failed" | "overdue";
  readonly reason: string;
  readonly nextCheckAt?: string;
};

export type ReplicaCheck = {
  readonly destination: Registry;
  /** When the push that promised it was seen, ISO 8601. */
  readonly expectedAt: string;
  /** What the source said of its destinations. */
  readonly statuses: readonly ReplicationStatus[];
  /** Whether the destination itself has the image; undefined: not asked. */
  readonly present?: boolean;
  readonly now: Date;
};

/**
 * Judges one expected copy. The destination's own answer decides; then what the source says. A copy that is overdue is
 * looked for on, every half hour for a day: ECR retries, and the event of a late arrival may be lost.
 */
export function judgeReplica(check: ReplicaCheck): ReplicaVerdict {
  const status = check.statuses.find((it) => registryName(it) === registryName(check.destination));
  const where = registryName(check.destination);
  if (check.present) return { state: "arrived", reason: `${where} has the image.` };
  if (status?.status === "COMPLETE" && check.present === undefined) {
    return { state: "arrived", reason: `The source reports the copy to ${where} as complete.` };
  }
  if (status?.status === "FAILED") {
    const code = status.failureCode ? ` (${status.failureCode})` : "";
    return { state: "failed", reason: `The source reports that the copy to ${where} failed${code}.` };
  }
  return judgeByAge(check, where);
}

function judgeByAge({ expectedAt, now }: ReplicaCheck, where: string): ReplicaVerdict {
  const age = now.getTime() - Date.parse(expectedAt);
  const next = age < GIVE_UP_AFTER_MS ? { nextCheckAt: nextCheckAt(expectedAt, now) } : {};
  if (age < OVERDUE_AFTER_MS) return { state: "pending", reason: `${where} has no copy yet.`, ...next };
  const minutes = Math.floor(age / 60_000);
  return { state: "overdue", reason: `${where} has no copy ${minutes} minutes after the push.`, ...next };
}

/** The next of the planned times after `now`; the first is two minutes after the push. */
export function nextCheckAt(expectedAt: string, now: Date): string {
  const start = Date.parse(expectedAt);
  const next = CHECK_AFTER_MINUTES.map((minutes) => start + minutes * 60_000).find(
    (at) => at > now.getTime(),
  );
  return new Date(next ?? now.getTime() + OVERDUE_AFTER_MS).toISOString();
}
