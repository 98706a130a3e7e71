import { type ImageUri, parseImageUri, splitImageName } from "../registry/image-uri.ts";
import { parseRegistryHost } from "../registry/registry-host.ts";
import { RepositoryName } from "../registry/repository.ts";
import type { Place } from "./facts.ts";
import { fine, type Opinion, problem, unknown, warning } from "./finding.ts";
import type { Looked } from "./looked.ts";

/** What a name in a workload's definition leads to. */
export type NamedImage =
  | { readonly is: "ecr"; readonly uri: ImageUri; readonly implicitTag: boolean }
  /** Looks like ECR's, and is not a name that can be pulled. */
  | { readonly is: "malformed" }
  /** No registry is named: Docker Hub's. */
  | { readonly is: "short"; readonly repository: string }
  | { readonly is: "elsewhere"; readonly host: string };

const LOOKS_LIKE_ECR = /(^|\.)dkr[.-]ecr|(^|\.)ecr(-fips)?\..*(amazonaws|\.aws$)|^https?:/i;
const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\]):\d+$/;

/**
 * Reads an image name as container runtimes do: what stands before the first `/` is a host where it holds a `.` or `:`. The
 * bare loopback address is the embedded registry of the workload's own account and Region.
 */
export function readImageName(image: string, own: Pick<Place, "account" | "region">): NamedImage {
  const slash = image.indexOf("/");
  const host = image.slice(0, Math.max(slash, 0));
  const rest = image.slice(slash + 1);
  const named = LOOPBACK.test(host) ? `${own.account}.dkr.ecr.${own.region}.localhost/${rest}` : image;
  const uri = parseImageUri(named);
  const { repository, tag, digest } = splitImageName(rest);
  if (uri) return { is: "ecr", uri, implicitTag: tag === undefined && digest === undefined };
  if (parseRegistryHost(host) || LOOPBACK.test(host) || LOOKS_LIKE_ECR.test(host)) return { is: "malformed" };
  if (/[.:]/.test(host) || host === "localhost") return { is: "elsewhere", host };
  return { is: "short", repository: splitImageName(image).repository || repository };
}

const FULL = "<account>.dkr.ecr.<region>.amazonaws.com/<repository>:<tag> or ...@sha256:<digest>";

/** Whether the name is one that a runtime takes to ECR. `ownRepository`: of a short name, whether the account has one so called. */
export function checkImageName(image: string, named: NamedImage, ownRepository: Looked<boolean>): Opinion {
  const evidence = { image };
  if (named.is === "malformed")
    return problem(`"${image}" is no image name of ECR`, `Write the full name: ${FULL}.`, evidence);
  if (named.is === "elsewhere")
    return fine(`${image} is an image of ${named.host}, not of ECR: no more is looked at`, evidence);
  if (named.is === "short") return checkShort(image, named.repository, ownRepository);
  if (named.implicitTag)
    return warning(
      `${image} names neither tag nor digest: it means latest`,
      "Name the image by its digest, or by a tag that cannot move.",
      evidence,
    );
  return fine(`${image} is a full name`, evidence);
}

function checkShort(image: string, repository: string, own: Looked<boolean>): Opinion {
  const evidence = { image };
  if ("unseen" in own)
    return unknown(
      `Whether "${image}", which names no registry, is meant to be of ECR`,
      own.unseen,
      evidence,
    );
  if (own.seen)
    return problem(
      `"${image}" names no registry: it is pulled from Docker Hub, not from the repository ${repository} of this account`,
      `Write the full name: ${FULL}.`,
      evidence,
    );
  return warning(
    `"${image}" names no registry: it is pulled from Docker Hub`,
    `If it is meant to be of ECR write the full name, ${FULL}; otherwise docker.io/...`,
    evidence,
  );
}

/** Whether a short name could be a repository's at all: otherwise nobody need be asked. */
export function couldBeRepository(repository: string): boolean {
  return RepositoryName.safeParse(repository).success;
}
