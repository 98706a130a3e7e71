import type { Image } from "../image/image.ts";
import type { ImageUri } from "../registry/image-uri.ts";
import { parseRegistryHost } from "../registry/registry-host.ts";
import type { FunctionFacts, Place } from "./facts.ts";
import { fine, type Opinion, problem, warning } from "./finding.ts";
import { shownImage } from "./image-there.ts";

const INDEXES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

/** Lambda takes images of its own Region alone, and not through a FIPS endpoint. */
export function checkLambdaRegion(uri: ImageUri, image: string, place: Place): Opinion {
  const { region } = uri.registry;
  const evidence = { image: shownImage(uri), imageRegion: region, functionRegion: place.region };
  if (region !== place.region)
    return problem(
      `the image is in ${region}, the function in ${place.region}: Lambda pulls from its own Region alone`,
      `Replicate the repository to ${place.region}, and name the image there.`,
      evidence,
    );
  if (parseRegistryHost(image.slice(0, image.indexOf("/")))?.fips)
    return problem(
      "the image is named by the FIPS endpoint, through which Lambda does not pull",
      "Name it by dkr.ecr instead of dkr.ecr-fips.",
      evidence,
    );
  return fine(`the image is in the function's Region, ${region}`, evidence);
}

/** Lambda takes the image of one platform, not an index of several. */
export function checkNoIndex(uri: ImageUri, { mediaType, digest }: Image): Opinion {
  const evidence = { image: shownImage(uri), digest, ...(mediaType !== undefined && { mediaType }) };
  if (mediaType === undefined)
    return {
      verdict: "unknown",
      reason: `the registry does not say what kind of manifest ${shownImage(uri)} is`,
      remedy: `Look at it: aws ecr batch-get-image --repository-name ${uri.repository} --image-ids imageDigest=${digest}`,
      evidence,
    };
  if (INDEXES.includes(mediaType))
    return problem(
      `${shownImage(uri)} is an index of several platforms, which Lambda does not take`,
      "Push the image of one platform alone: docker buildx build --platform linux/amd64 --provenance=false",
      evidence,
    );
  return fine(`${shownImage(uri)} is a single image`, evidence);
}

/** Lambda resolved the tag when the function was last updated, and a later push changes nothing. */
export function checkResolved(uri: ImageUri, resolved: string, tagged: Image): Opinion {
  const evidence = { image: shownImage(uri), resolved, digest: tagged.digest };
  if (tagged.digest === resolved)
    return fine(`the function runs what ${shownImage(uri)} points to`, evidence);
  return warning(
    `${shownImage(uri)} has moved: the function still runs ${resolved}`,
    "If it should run the new image: aws lambda update-function-code. If not, name the image by its digest.",
    evidence,
  );
}

/** Whether Lambda itself says that something is wrong with it. */
export function checkFunctionState({ trouble, name }: Pick<FunctionFacts, "trouble" | "name">): Opinion {
  if (trouble === undefined) return fine(`Lambda reports no trouble with ${name}`);
  return problem(
    `Lambda reports: ${trouble}`,
    "Make the image and the repository's policy as they should be, then aws lambda update-function-code.",
    { state: trouble },
  );
}
