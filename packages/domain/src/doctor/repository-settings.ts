import type { Mutability, ScanFrequency } from "./facts.ts";
import { fine, type Opinion, unknown, warning } from "./finding.ts";
import type { Looked } from "./looked.ts";

/** Whether every push is scanned, by the registry's rules as they apply to the repository. */
export function checkScanning(repository: string, frequency: Looked<ScanFrequency>): Opinion {
  if ("unseen" in frequency) return unknown(`how ${repository} is scanned`, frequency.unseen);
  const evidence = { scanFrequency: frequency.seen };
  if (frequency.seen !== "MANUAL") return fine(`${repository} is scanned on push`, evidence);
  return warning(
    `no push to ${repository} is scanned`,
    `Scan on push: aws ecr put-registry-scanning-configuration --scan-type BASIC --rules '[{"scanFrequency":"SCAN_ON_PUSH","repositoryFilters":[{"filter":"*","filterType":"WILDCARD"}]}]'`,
    evidence,
  );
}

/** Whether tags of the repository stay at the image to which they were pushed. */
export function checkMutability(repository: string, mutability: Looked<Mutability | undefined>): Opinion {
  if ("unseen" in mutability) return unknown(`whether tags of ${repository} can move`, mutability.unseen);
  const { setting, exclusions } = mutability.seen ?? DEFAULT;
  const evidence = { mutability: setting, exclusions };
  const remedy = `aws ecr put-image-tag-mutability --repository-name ${repository} --image-tag-mutability IMMUTABLE`;
  if (setting === "IMMUTABLE") return fine(`tags of ${repository} are immutable`, evidence);
  if (setting === "IMMUTABLE_WITH_EXCLUSION" && !exclusions.some((filter) => /^\*+$/.test(filter)))
    return fine(`tags of ${repository} are immutable, but for ${exclusions.join(", ")}`, evidence);
  const but = setting === "MUTABLE_WITH_EXCLUSION" ? `, but for ${exclusions.join(", ")}` : "";
  return warning(
    `tags of ${repository} can be moved to another image${but}`,
    `Make them immutable: ${remedy}`,
    evidence,
  );
}

/** What a repository has about which nothing is said. */
const DEFAULT: Mutability = { setting: "MUTABLE", exclusions: [] };

/** Whether anything ever leaves the repository by itself. */
export function checkLifecyclePolicy(repository: string, has: Looked<boolean>): Opinion {
  if ("unseen" in has) return unknown(`the lifecycle policy of ${repository}`, has.unseen);
  if (has.seen) return fine(`${repository} has a lifecycle policy`);
  return warning(
    `${repository} has no lifecycle policy: everything that was ever pushed stays and is paid for`,
    `Give it one: aws ecr put-lifecycle-policy --repository-name ${repository} --lifecycle-policy-text file://policy.json`,
  );
}
