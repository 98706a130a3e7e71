import type { AuditEntry } from "@tallyman/domain/audit/audit-entry";
import type { Deed } from "@tallyman/domain/history/deed";
import type { ManifestEdge } from "@tallyman/domain/image/image";
import type { ReplicaKey, ViolationKey } from "@tallyman/domain/inventory/ports";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type { UsageKey, UsageSubject } from "@tallyman/domain/usage/evidence";

/*
 * The one table: `pk`, `sk`; index gsi1 (`gsi1pk`, `gsi1sk`): by digest; index gsi2 (`gsi2pk`, `gsi2sk`): what is open, due or
 * listed, over 16 shards so that no partition is hot; TTL attribute `expiresAt`, epoch seconds. Both indexes project all
 * attributes and are eventually consistent.
 *
 * REPO = account#region#repository. No part of a key contains `#`: ECR's grammars for repositories, tags and digests have no
 * such character, nor have rule names, nor what a report of usage may name.
 *
 * | item               | pk          | sk                  | gsi1pk    | gsi1sk          | gsi2pk        | gsi2sk            | TTL |
 * |--------------------|-------------|---------------------|-----------|-----------------|---------------|-------------------|-----|
 * | image              | R#REPO      | I#digest            | D#digest  | I#REPO          | CHANGED#day#shard | changedAt#key | closed |
 * | tag pointer        | R#REPO      | T#tag               | D#digest  | T#REPO#tag      | CHANGED#day#shard | since#key     | gone |
 * | replica            | R#DEST-REPO | C#digest#tag        | D#digest  | C#DEST-REPO#tag | PENDING#shard | checkAt#key       |     |
 * |   late or failed   |             |                     |           |                 | OVERDUE#shard | see below         |     |
 * | repository summary | R#REPO      | SUM                 |           |                 | SUM#shard     | REPO              |     |
 * | tag history        | R#REPO#H    | tag#version         | D#digest  | H#REPO#tag#version |            |                   | yes |
 * | image life         | R#REPO#H    | digest#version      |           |                 |               |                   | yes |
 * | deed               | R#REPO#W    | at#event#place      | D#digest  | W#REPO#at#event |               |                   | yes |
 * | manifest head      | M#digest    | M                   | D#child   | E#kind#parent   |               |                   |     |
 * | edge, from the second on | M#parent | E#kind#child     | D#child   | E#kind#parent   |               |                   |     |
 * | registry's run, totals, check | G#account#region | RUN, TOTALS, CHECK |  |    |               |                   |     |
 * | a run, by registry | J#run       | ASKED, LISTED#account#region, ENDED#account#region | |  |     |                | yes |
 * | violation          | V#REPO      | rule#tag            | D#digest  | V#REPO#rule#tag | OPEN#shard    | openedAt#key      |     |
 * | audit entry        | A#day#shard | at#sequence#id      |           |                 |               |                   |     |
 * | notice mark        | N#key       | N                   |           |                 |               |                   | yes |
 * | brake              | CTL         | BRAKE               |           |                 |               |                   |     |
 * | use of a digest    | U#digest    | source#scope#account#cluster#service | |          |               |                   | ended |
 * | use of a tag       | U#T#REPO#tag | source#scope#account#cluster#service | |         |               |                   | ended |
 * | usage source state | S#source    | scope               |           |                 |               |                   |     |
 * | plan head          | P#id        | P                   |           |                 | PLAN#shard    | createdAt#id      |     |
 * | policy in force    | CTL         | POLICY              |           |                 |               |                   |     |
 * | due                | DUE#id      | DUE                 |           |                 | DUE#shard     | dueAt#id          |     |
 *
 * The last three are reserved: nothing writes them yet. `due` is for what has no record of its own; a copy that is to be
 * looked for carries its time itself (docs/decisions/0008-a-copy-is-its-own-due-item.md).
 *
 * Access patterns
 * | who asks                         | how                                                                                 |
 * |----------------------------------|-------------------------------------------------------------------------------------|
 * | a fence (every write)            | GetItem, consistent                                                                 |
 * | reconcile: images, tags of REPO  | Query R#REPO begins I# / T#, consistent                                             |
 * | reconcile: violations of REPO    | Query V#REPO, consistent                                                            |
 * | tags believed to be at a digest  | Query gsi1 D#digest begins T#REPO#                                                  |
 * | tags that were at a digest       | Query gsi1 D#digest begins H#REPO#                                                  |
 * | a digest, everywhere             | Query gsi1 D#digest begins I# / T# / C# / V# / E#                                   |
 * | a tag's history                  | Query R#REPO#H begins tag#, then GetItem of the pointer; merged by version          |
 * | an image's life                  | Query R#REPO#H begins digest#, then GetItem of the record; merged by version        |
 * | what changed since T             | Query gsi2 CHANGED#day, all shards, day by day, merged by gsi2sk, newest first      |
 * | open violations, late replicas   | Query gsi2 OPEN# / OVERDUE#, all shards, merged by gsi2sk                           |
 * | copies to look for now           | Query gsi2 PENDING# / OVERDUE#, all shards, gsi2sk <= now                           |
 * | every repository                 | Query gsi2 SUM#, all shards, merged by name                                         |
 * | repositories of a registry       | Query gsi2 SUM# begins account#region#, all shards                                  |
 * | how far a run has come           | Query J#run, consistent                                                             |
 * | a day of the audit trail         | Query A#day#shard, all shards, merged by time, newest first                         |
 * | uses of a digest, of a tag       | Query U#digest / U#T#REPO#tag, consistent                                           |
 * | a source's scopes                | Query S#source, consistent                                                          |
 *
 * A sharded index holds an item only while it is open, pending or late: the attributes are absent otherwise. Late copies that
 * are still looked for lie at `checkAt#key`; after them, at `SETTLED#expectedAt#key`, those that nobody looks for any more.
 */

/** Written on every item; readers accept this version and the one before it. */
export const SCHEMA_VERSION = 1;

export type Key = { readonly pk: string; readonly sk: string };

/**
 * A record goes a day after its history at the earliest: one that begins anew counts its versions from 1 again, and must
 * not meet history of the same versions.
 */
const RECORD_GRACE_DAYS = 1;

/** How long it is remembered that a notice was sent. */
const NOTICE_DAYS = 100;

/** How long one can ask what became of a run. */
const RUN_DAYS = 30;

export const SHARDS: readonly string[] = Array.from({ length: 16 }, (_, i) => i.toString(16));

export function repoKey({ account, region, repository }: RepositoryRef): string {
  return `${account}#${region}#${repository}`;
}

export function imageKey(repository: RepositoryRef, digest: string): Key {
  return { pk: repositoryPk(repository), sk: `I#${digest}` };
}

export function tagKey(repository: RepositoryRef, tag: string): Key {
  return { pk: repositoryPk(repository), sk: `T#${tag}` };
}

export function replicaKey({ destination, repository, digest, tag }: ReplicaKey): Key {
  return { pk: repositoryPk({ ...destination, repository }), sk: `C#${digest}#${tag}` };
}

export function summaryKey(repository: RepositoryRef): Key {
  return { pk: repositoryPk(repository), sk: "SUM" };
}

/** `subject`: a tag, or the digest of an image's earlier life. Versions sort as text up to ten digits. */
export function historyKey(repository: RepositoryRef, subject: string, version: number): Key {
  return { pk: historyPk(repository), sk: `${subject}#${String(version).padStart(10, "0")}` };
}

export function historyPk(repository: RepositoryRef): string {
  return `${repositoryPk(repository)}#H`;
}

export function violationKey(key: ViolationKey): Key {
  return { pk: violationPk(key), sk: `${key.rule}#${key.tag}` };
}

export function violationPk(repository: RepositoryRef): string {
  return `V#${repoKey(repository)}`;
}

export function edgeKey(parent: string, kind: string, child: string): Key {
  return { pk: `M#${parent}`, sk: `E#${kind}#${child}` };
}

/** Within D#child of gsi1. */
export function edgeSortKey(kind: ManifestEdge["kind"], parent: string): string {
  return `E#${kind}#${parent}`;
}

export function manifestKey(digest: string): Key {
  return { pk: `M#${digest}`, sk: "M" };
}

/** What CloudTrail says was done in a repository. `place` sorts as text up to four digits. */
export function deedKey(deed: Pick<Deed, "at" | "event" | "place"> & RepositoryRef): Key {
  return { pk: deedPk(deed), sk: `${deed.at}#${deed.event}#${String(deed.place).padStart(4, "0")}` };
}

export function deedPk(repository: RepositoryRef): string {
  return `${repositoryPk(repository)}#W`;
}

export function registryKey({ account, region }: Registry, record: "RUN" | "TOTALS" | "CHECK"): Key {
  return { pk: `G#${account}#${region}`, sk: record };
}

/** `entry`: one thing that is known of a run; empty: the partition of all of them. */
export function runKey(run: string, entry: string): Key {
  return { pk: `J#${run}`, sk: entry };
}

/** The partition of gsi2 in which what changed at `at` (ISO 8601) is listed: a UTC day and a shard of the item's key. */
export function changedPk(at: string, key: string): string {
  return `CHANGED#${at.slice(0, 10)}#${shardOf(key)}`;
}

export function noticeKey(key: string): Key {
  return { pk: `N#${key}`, sk: "N" };
}

/** `at`: ISO 8601; its first ten characters are the UTC day. Sequences sort as text up to four digits. */
export function auditKey({ at, sequence, id }: Pick<AuditEntry, "at" | "sequence" | "id">): Key {
  const order = String(sequence).padStart(4, "0");
  return { pk: `A#${at.slice(0, 10)}#${shardOf(id)}`, sk: `${at}#${order}#${id}` };
}

export function usageKey({ subject, source, scope, account, cluster, service }: UsageKey): Key {
  return { pk: usagePk(subject), sk: [source, scope, account, cluster, service].join("#") };
}

/** A digest begins with `sha256:`, so none is taken for a tag of a repository. */
export function usagePk(subject: UsageSubject): string {
  if ("digest" in subject) return `U#${subject.digest}`;
  return `U#T#${repoKey(subject.repository)}#${subject.tag}`;
}

/** `scope`: empty: the partition of all of the source's. */
export function sourceStateKey(source: string, scope: string): Key {
  return { pk: `S#${source}`, sk: scope };
}

export const BRAKE_KEY: Key = { pk: "CTL", sk: "BRAKE" };

export function repositoryPk(repository: RepositoryRef): string {
  return `R#${repoKey(repository)}`;
}

export function digestPk(digest: string): string {
  return `D#${digest}`;
}

/** The same shard for the same key, always: FNV-1a, 32 bits. */
export function shardOf(key: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash >>> 28).toString(16);
}

/** Epoch seconds at which history that is kept until `forgetAt` (ISO 8601) may go. */
export function historyExpiry(forgetAt: string): number {
  return daysAfter(forgetAt, 0);
}

/** Where a record says when it may be forgotten: the TTL attribute. One that does not is kept for ever. */
export function recordExpiry({ forgetAt }: { readonly forgetAt?: string }): { readonly expiresAt?: number } {
  return forgetAt === undefined ? {} : { expiresAt: daysAfter(forgetAt, RECORD_GRACE_DAYS) };
}

/** As `recordExpiry`, without the grace: what has no history can go at once. */
export function forgottenAt({ forgetAt }: { readonly forgetAt?: string }): { readonly expiresAt?: number } {
  return forgetAt === undefined ? {} : { expiresAt: daysAfter(forgetAt, 0) };
}

/** Where gsi2 lists what changed: `name` is the item's key, unique among what changed at one time. */
export function changedIndex(at: string, name: string) {
  return { gsi2pk: changedPk(at, name), gsi2sk: `${at}#${name}` };
}

/** Epoch seconds at which the mark of a notice sent at `at` may go. */
export function noticeExpiry(at: string): number {
  return daysAfter(at, NOTICE_DAYS);
}

/** Epoch seconds at which what is known of a run of `at` may go. */
export function runExpiry(at: string): number {
  return daysAfter(at, RUN_DAYS);
}

function daysAfter(at: string, days: number): number {
  return Math.floor(Date.parse(at) / 1000) + days * 24 * 3600;
}
