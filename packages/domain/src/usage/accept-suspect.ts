import type { AuditTrail } from "../inventory/ports.ts";
import { withFence } from "../inventory/with-fence.ts";
import { NotSuspectError } from "./errors.ts";
import type { SourceState } from "./evidence.ts";
import type { SourceStateStore } from "./ports.ts";
import { advanced } from "./source-state.ts";

export type AcceptDeps = {
  readonly states: Pick<SourceStateStore, "findState" | "putState">;
  readonly audit: AuditTrail;
};

export type AcceptRequest = {
  readonly source: string;
  readonly scope: string;
  /** Of the report that was looked at: another one that came since is not accepted with it. */
  readonly sequence: number;
  /** The principal's ARN. */
  readonly by: string;
  readonly reason: string;
  readonly now: Date;
};

/**
 * A person believes a suspect report. The audit trail says so before it is so, and once more when it is. Afterwards
 * applyReport brings the report in force without judging it: whoever accepts sends the job that does (`apply`), also when
 * this was accepted before. Throws NotSuspectError when no report, or another, awaits a person there.
 */
export function acceptSuspect(deps: AcceptDeps, request: AcceptRequest): Promise<SourceState> {
  return withFence(() => accept(deps, request));
}

async function accept(deps: AcceptDeps, request: AcceptRequest): Promise<SourceState> {
  const { source, scope, sequence, by, now } = request;
  const state = await deps.states.findState(source, scope);
  if (state?.suspect?.sequence !== sequence) throw new NotSuspectError(request, state);
  if (state.suspect.accepted) return state;
  const suspect = { ...state.suspect, accepted: { by, at: now.toISOString() } };
  const next = advanced({ ...state, suspect });
  await note(deps.audit, request, { state, action: "usage.accept-requested", sequence: 0 });
  await deps.states.putState(next);
  await note(deps.audit, request, { state, action: "usage.accepted", sequence: 1 });
  return next;
}

async function note(
  audit: AuditTrail,
  { source, scope, sequence: report, by, reason, now }: AcceptRequest,
  entry: { readonly state: SourceState; readonly action: string; readonly sequence: number },
): Promise<void> {
  const { state, action, sequence } = entry;
  await audit.append({
    id: `${action}#${source}#${scope}#${report}#${state.version}`,
    at: now.toISOString(),
    sequence,
    actor: by,
    action,
    subject: `${source} ${scope}`,
    reason,
    details: {
      sequence: report,
      inForce: state.sequence,
      subjects: state.suspect?.subjects ?? 0,
      missing: state.suspect?.missing ?? 0,
      suspect: state.suspect?.reason ?? "",
    },
  });
}
