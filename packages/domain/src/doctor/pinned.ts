import { matchesWildcard } from "../iam-policy/wildcard.ts";
import type { Mutability } from "./facts.ts";
import { fine, type Opinion, warning } from "./finding.ts";

/** Whether a tag of a repository can never move: its setting, the other way round for tags that its exclusions match. */
export function isImmutable({ setting, exclusions }: Mutability, tag: string): boolean {
  const excluded = exclusions.some((filter) => matchesWildcard(filter, tag));
  if (setting === "IMMUTABLE_WITH_EXCLUSION") return !excluded;
  if (setting === "MUTABLE_WITH_EXCLUSION") return excluded;
  return setting === "IMMUTABLE";
}

/** Whether what a workload names is the same image tomorrow: a digest, or a tag that cannot move. */
export function checkPinned(
  image: { readonly repository: string; readonly tag?: string; readonly digest?: string },
  mutability: Mutability,
): Opinion {
  const { tag = "latest", digest, repository } = image;
  if (digest !== undefined) return fine(`${repository} is pinned by its digest`, { digest });
  const evidence = { tag, mutability: mutability.setting, exclusions: mutability.exclusions };
  if (isImmutable(mutability, tag)) return fine(`tag ${tag} of ${repository} is immutable`, evidence);
  return warning(
    `tag ${tag} of ${repository} can be moved to another image (${describe(mutability)})`,
    `Name the image by its digest (${repository}@sha256:...), or make the tag immutable: aws ecr put-image-tag-mutability --repository-name ${repository} --image-tag-mutability IMMUTABLE`,
    evidence,
  );
}

function describe({ setting, exclusions }: Mutability): string {
  return exclusions.length === 0 ? setting : `${setting}: ${exclusions.join(", ")}`;
}
