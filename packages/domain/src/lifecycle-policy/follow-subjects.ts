import { DAY } from "./image-age.ts";
import type { LifecycleImage } from "./lifecycle-image.ts";
import type { LifecycleAction } from "./lifecycle-policy.ts";

/** A referrer that goes where its subject went. */
export type FollowDecision = {
  readonly digest: string;
  readonly subject: string;
  readonly action: LifecycleAction["type"];
};

/**
 * Which referrers follow their subjects: it is gone, or in the archive (Amazon ECR User Guide: "within 24 hours of the
 * deletion or archival of the subject image"). A referrer may be pushed before its subject (OCI Distribution 1.1,
 * "Pushing Manifests with Subject"), so one without a subject is given a day. Referrers of referrers follow one by one,
 * each in a later look. An index holds a referrer as it holds any image.
 */
export function followSubjects(repository: {
  readonly images: readonly LifecycleImage[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}): readonly FollowDecision[] {
  const byDigest = new Map(repository.images.map((image) => [image.digest, image]));
  return repository.images.flatMap((image) => {
    const { digest, subject, parents } = image;
    if (subject === null || parents.some((parent) => byDigest.has(parent))) return [];
    const found = byDigest.get(subject);
    const dangling = found === undefined && repository.now - image.pushedAt > DAY;
    const archived = found?.status === "ARCHIVED" && image.status === "ACTIVE";
    if (!dangling && !archived) return [];
    return [{ digest, subject, action: dangling ? "expire" : "transition" }];
  });
}
