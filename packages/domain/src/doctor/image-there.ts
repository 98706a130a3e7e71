import type { Image } from "../image/image.ts";
import type { ImageUri } from "../registry/image-uri.ts";
import { registryName } from "../registry/registry.ts";
import { fine, type Opinion, problem, unknown, warning } from "./finding.ts";
import type { Looked } from "./looked.ts";

/** `prod/web:1.4.2` or `prod/web@sha256:...`: what is pulled. */
export function shownImage({
  repository,
  tag,
  digest,
}: Pick<ImageUri, "repository" | "tag" | "digest">): string {
  return digest === undefined ? `${repository}:${tag ?? "latest"}` : `${repository}@${digest}`;
}

/** The digest decides where both are named. */
export function referenceOf({ tag = "latest", digest }: ImageUri): { digest: string } | { tag: string } {
  return digest === undefined ? { tag } : { digest };
}

/**
 * Whether the registry holds the image. `cached`: whether a pull-through cache rule would fetch one that it does not hold.
 */
export function checkThere(
  uri: ImageUri,
  image: Looked<Image | undefined>,
  cached: Looked<boolean> = { seen: false },
): Opinion {
  const name = `${shownImage(uri)} in ${registryName(uri.registry)}`;
  const evidence = { image: shownImage(uri), registry: registryName(uri.registry) };
  if ("unseen" in image) return unknown(name, image.unseen, evidence);
  if (image.seen) return fine(`${name} is there`, { ...evidence, digest: image.seen.digest });
  if ("unseen" in cached)
    return unknown(`${name} is not there; whether it is cached`, cached.unseen, evidence);
  if (cached.seen)
    return warning(
      `${name} is not there yet: the first pull fetches it from upstream`,
      "Whoever pulls first needs ecr:BatchImportUpstreamImage, and ecr:CreateRepository for a new repository.",
      evidence,
    );
  return problem(
    `${name} is not there: it was deleted or never pushed`,
    "Push it again, or let the workload name an image that is there.",
    evidence,
  );
}

/** Whether it can be pulled as it is: one that is archived answers every pull with "not found". */
export function checkActive(uri: ImageUri, image: Image): Opinion {
  const evidence = { image: shownImage(uri), digest: image.digest, status: image.status };
  const restore = `aws ecr update-image-storage-class --registry-id ${uri.registry.account} --region ${uri.registry.region} --repository-name ${uri.repository} --image-id imageDigest=${image.digest} --target-storage-class STANDARD`;
  switch (image.status) {
    case "ACTIVE":
      return fine(`${shownImage(uri)} is active`, evidence);
    case "ARCHIVED":
      return problem(
        `${shownImage(uri)} is archived: it cannot be pulled`,
        `Restore it: ${restore}`,
        evidence,
      );
    case "ACTIVATING":
      return problem(
        `${shownImage(uri)} is being restored: it cannot be pulled yet`,
        "Wait until it is active, and run this again.",
        evidence,
      );
  }
}
