import { type Registry, registryName } from "../registry/registry.ts";

/**
 * What runs there could not be asked: refused, throttled beyond the client's retries, unreachable, or its answer could not be
 * understood. Nothing may be concluded about what is used; the message comes back.
 */
export class UsageUnavailableError extends Error {
  readonly code = "USAGE_UNAVAILABLE";
  readonly at: Registry;
  /** As IAM names it: `ecs:ListTasks`. */
  readonly action: string;
  /** The reader role may not do it: no repetition helps. */
  readonly refused: boolean;

  constructor(at: Registry, failed: UnavailableUsage, options?: ErrorOptions) {
    const { action, refused = false, why, remedy = "deploy the account's member stack again" } = failed;
    const where = `in ${registryName(at)}${why === undefined ? "" : ` (${why})`}`;
    super(
      refused
        ? `The reader role may not ${action} ${where}; ${remedy}.`
        : `${action} got no usable answer ${where}; try again.`,
      options,
    );
    this.name = "UsageUnavailableError";
    this.at = at;
    this.action = action;
    this.refused = refused;
  }
}

export type UnavailableUsage = {
  readonly action: string;
  readonly refused?: boolean;
  /** As the service says it. */
  readonly why?: string;
  /** What to do about a refusal, where deploying the role is not all. */
  readonly remedy?: string | undefined;
};

/**
 * A report came under a number that another report already has. The one that was first stays; whoever numbers its reports
 * takes the next number.
 */
export class SnapshotConflictError extends Error {
  readonly code = "SNAPSHOT_CONFLICT";

  constructor(source: string, scope: string, sequence: number) {
    super(
      `Report ${sequence} of ${source} for ${scope} was received before with other content; send it under a higher sequence.`,
    );
    this.name = "SnapshotConflictError";
  }
}

/** What is stored in the bucket of usage is damaged, or newer than this version knows: it is no fact. */
export class UnreadableEvidenceError extends Error {
  readonly code = "UNREADABLE_EVIDENCE";

  constructor(key: string, options?: ErrorOptions) {
    super(
      `${key} cannot be read; nothing is concluded from it, and the next report stands for itself.`,
      options,
    );
    this.name = "UnreadableEvidenceError";
  }
}

/** There is no suspect report of this number to accept: none ever was, a newer one took its place, or one is in force. */
export class NotSuspectError extends Error {
  readonly code = "NOT_SUSPECT";

  constructor(
    report: { readonly source: string; readonly scope: string; readonly sequence: number },
    state: { readonly sequence: number; readonly suspect?: { readonly sequence: number } } | undefined,
  ) {
    const { source, scope, sequence } = report;
    const waiting = state?.suspect && `report ${state.suspect.sequence} does; look at that one first`;
    const instead = waiting ?? `none does; report ${state?.sequence ?? 0} is in force`;
    super(`Report ${sequence} of ${source} for ${scope} does not wait to be accepted: ${instead}.`);
    this.name = "NotSuspectError";
  }
}
