import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import { isDiskFull } from "../storage/disk-full.ts";
import type { StoredImage } from "../storage/images.ts";
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
  const last = core.pulls.find(repository.id, image.digest) ?? image.lastPulledAt;
  // A clock that was set back moves the time back: what was pulled is told by the clock that people see.
  if (last !== null && at >= last && at - last < core.limits.pullTimeGranularity) return;
  if (findExclusion(core.sql, repository, excludablePrincipal(caller.arn)) !== undefined) return;
  core.pulls.note({ repositoryId: repository.id, digest: image.digest, at });
}

/** Writes down the pulls that are not yet: before somebody asks for their times. */
export function writePulls(core: Core): void {
  if (core.pulls.isEmpty()) return;
  try {
    core.change(() => undefined); // Every write takes them along.
  } catch (error) {
    // Nothing is refused because there is no room to write down when something was pulled.
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
