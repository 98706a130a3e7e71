import { shortDigest } from "../image/digest.ts";
import type { ReplicaRecord, ViolationRecord } from "../inventory/records.ts";
import type { Policy } from "../policy/policy.ts";
import { registryName } from "../registry/registry.ts";
import type { SourceState } from "../usage/evidence.ts";
import type { Notice } from "./notice.ts";

/** The Slack channel that the policy names; undefined: nobody is told. */
export function channelOf(policy: Policy): string | undefined {
  return policy.notify?.slack.channel;
}

/** One open violation. A violation that closed and opened again is told again: `openedAt` is part of the key. */
export function violationNotice(violation: ViolationRecord, channel: string): Notice {
  const { account, region, repository, rule, digest, tag } = violation;
  const registry = registryName(violation);
  return {
    key: ["violation", registry, repository, rule, digest, tag, violation.openedAt].join("#"),
    kind: "violation",
    channel,
    title: clip(`${repository}:${tag} breaks the rule ${rule}`, 300),
    reason: clip(violation.reason, 2000),
    fields: fieldsOf({ registry, repository, tag, digest: shortDigest(digest), rule }),
    at: violation.openedAt,
    violation: { account, region, repository, rule, digest, tag },
  };
}

/** A copy that did not arrive in time, or failed. */
export function replicaNotice(replica: ReplicaRecord, reason: string, channel: string): Notice {
  const kind = replica.state === "failed" ? "replica-failed" : "replica-overdue";
  const { repository, tag, digest } = replica;
  const to = registryName(replica.destination);
  const name = tag === "" ? `${repository}@${shortDigest(digest)}` : `${repository}:${tag}`;
  return {
    key: [kind, to, repository, digest, tag, replica.expectedAt].join("#"),
    kind,
    channel,
    title: clip(`${name} ${kind === "replica-failed" ? "could not be copied" : "has not arrived"}`, 300),
    reason: clip(reason, 2000),
    fields: fieldsOf({
      from: registryName(replica.source),
      to,
      repository,
      tag,
      digest: shortDigest(digest),
    }),
    at: replica.expectedAt,
  };
}

/**
 * A report of use that is not believed; undefined: the last one is. Told once for each report in force, however many come
 * after it that are not believed either.
 */
export function suspectNotice(state: SourceState, channel: string): Notice | undefined {
  const { source, scope, account, sequence, observedAt = "never", suspect } = state;
  if (suspect === undefined) return undefined;
  const title = `Report ${suspect.sequence} of ${source} on ${scope} is not believed`;
  return {
    key: ["usage-suspect", source, scope, sequence].join("#"),
    kind: "usage-suspect",
    channel,
    title: clip(title, 300),
    reason: clip(`${suspect.reason}. What was in use before counts as in use.`, 2000),
    fields: fieldsOf({
      source,
      scope,
      account,
      "suspect report": String(suspect.sequence),
      "report in force": sequence === 0 ? "none" : `${sequence}, of ${observedAt}`,
    }),
    at: suspect.receivedAt,
  };
}

function fieldsOf(values: Readonly<Record<string, string>>): Notice["fields"] {
  return Object.entries(values)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => ({ name, value }));
}

function clip(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
