import type { ReplicationReader } from "../image/ports.ts";
import type { Notice, NoticeSink } from "../notice/notice.ts";
import type { Policy } from "../policy/policy.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import { type CopyDeps, type ExpectedCopy, expectCopies } from "../replication/expect-copies.ts";
import type { NoteRepository } from "./note-repository.ts";
import type { ImageStore } from "./ports.ts";
import { pushesOf } from "./pushes.ts";
import type { Recorded } from "./record-image.ts";
import type { Cause } from "./records.ts";
import { tellViolations } from "./tell-violations.ts";

export type FollowUpDeps = CopyDeps & {
  readonly replication: ReplicationReader;
  readonly notices: NoticeSink;
  readonly images: ImageStore;
  readonly noteRepository: NoteRepository;
};

export type FollowUpRequest = {
  readonly repository: RepositoryRef;
  readonly recorded: Recorded;
  readonly cause: Cause;
  readonly policy: Policy;
  readonly now: Date;
};

export type FollowUp = {
  /** The notices handed over. */
  readonly noticed: readonly Notice[];
  /** Open violations that people are not told of one by one: what a reconcile found of old. */
  readonly listed: number;
  readonly copies: readonly ExpectedCopy[];
};

/**
 * What follows from what was recorded, whether an event or a reconcile brought it: people are told of open violations
 * that they do not know of, the copies of a push are expected, a repository that is new is listed. Runs again in full
 * when a message comes again: what a crash left out is done then, what was done is not repeated. Costs one registry read
 * where something was pushed.
 */
export async function followUp(deps: FollowUpDeps, request: FollowUpRequest): Promise<FollowUp> {
  const [told, copies] = await Promise.all([
    tellViolations(deps, request),
    expectAll(deps, request),
    noteRepository(deps, request),
  ]);
  return { ...told, copies };
}

/** A reconcile has counted, and written so. */
async function noteRepository(deps: FollowUpDeps, request: FollowUpRequest): Promise<void> {
  if (request.cause !== "reconcile") await deps.noteRepository(request.repository, request);
}

async function expectAll(deps: FollowUpDeps, request: FollowUpRequest): Promise<readonly ExpectedCopy[]> {
  const pushes = pushesOf(request);
  if (pushes.length === 0) return [];
  const { repository, now } = request;
  const rules = await deps.replication.replicationRules(repository);
  const copies: ExpectedCopy[] = [];
  for (const push of pushes) copies.push(...(await expectCopies(deps, { ...push, repository, rules, now })));
  return copies;
}
