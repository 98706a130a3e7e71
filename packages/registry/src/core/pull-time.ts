import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import { isDiskFull } from "../storage/disk-full.ts";
import { type StoredImage, setPullTime } from "../storage/images.ts";
import { findExclusion } from "../storage/pull-time-exclusions.ts";
import type { Repository } from "../storage/repositories.ts";
import type { Core } from "./core.ts";

/** Moves `lastRecordedPullTime`, unless the caller is excluded or it moved less than the granularity ago. */
export function recordPull(
  core: Core,
  pull: { repository: Repository; image: StoredImage; caller: Caller },
): void {
  const { repository, image, caller } = pull;
  const at = core.now().getTime();
  const last = image.lastPulledAt;
  // A clock that was set back moves the time back: what was pulled is told by the clock that people see.
  if (last !== null && at >= last && at - last < core.limits.pullTimeGranularity) return;
  if (findExclusion(core.sql, repository, excludablePrincipal(caller.arn)) !== undefined) return;
  try {
    core.change(({ sql }) => setPullTime(sql, repository.id, image.digest, at));
  } catch (error) {
    // A pull is not refused because there is no room to write down when it was.
    if (!isDiskFull(error)) throw error;
  }
}

/**
 * The role or user that an exclusion names. A session of a role, `arn:aws:sts::<account>:assumed-role/<role>/<session>`,
 * counts as the role; a role's path does not occur in session ARNs and so cannot be told.
 */
export function excludablePrincipal(arn: string): string {
  const session = /^arn:(aws[\w-]*):sts::(\d{12}):assumed-role\/([^/]+)\/.+$/.exec(arn);
  return session === null ? arn : `arn:${session[1]}:iam::${session[2]}:role/${session[3]}`;
}
