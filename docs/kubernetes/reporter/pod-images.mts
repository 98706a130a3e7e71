import { isImageName, parseImageId, repositoryOf } from "./images.mts";
import { at, listAt, textAt } from "./json.mts";

/** An image that a pod has, or would have. */
export type PodImage = { readonly image: string; readonly digest?: string };
export type PodImages = {
  readonly images: readonly PodImage[];
  /** Names that no container runtime could read. */
  readonly unreadable: readonly string[];
};

const CONTAINERS = ["initContainers", "containers", "ephemeralContainers"];
const STATUSES = ["initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses"];

/**
 * Every image that a pod's spec names (init, ephemeral and other containers, volumes from images), with the digest that the
 * status says it was resolved to. Throws for a spec without containers: that is none.
 */
export function imagesOfPod(spec: unknown, status?: unknown): PodImages {
  if (!Array.isArray(at(spec, "containers"))) throw new Error("there is no list of containers");
  const imageIds = imageIdsOf(status);
  const images: PodImage[] = [];
  const unreadable: string[] = [];
  for (const { name, image } of namedBy(spec)) {
    const pulled = resolved(image, imageIds.get(name) ?? "");
    images.push(...pulled);
    if (pulled.length === 0) unreadable.push(image);
  }
  return { images, unreadable };
}

type Named = { readonly name: string; readonly image: string };

/** A container without an image gets one when its pod is made: it is in the pod. */
function namedBy(spec: unknown): readonly Named[] {
  const containers = CONTAINERS.flatMap((list) =>
    listAt(spec, list).map((it) => ({ name: textAt(it, "name") ?? "", image: textAt(it, "image") })),
  );
  const volumes = listAt(spec, "volumes").map((it) => ({
    name: "",
    image: textAt(it, "image", "reference"),
  }));
  return [...containers, ...volumes].filter((it): it is Named => it.image !== undefined);
}

/** By the container's name, which is unique in a pod. */
function imageIdsOf(status: unknown): ReadonlyMap<string, string> {
  const statuses = STATUSES.flatMap((list) => listAt(status, list));
  return new Map(statuses.map((it) => [textAt(it, "name") ?? "", textAt(it, "imageID") ?? ""]));
}

/**
 * The digest counts beside the name only where both are of one repository. A runtime that has pulled the same layers under two
 * names may tell the other's digest, which the repository that is named need not have: then both count, each for itself.
 */
function resolved(image: string, imageId: string): readonly PodImage[] {
  const pulled = parseImageId(imageId);
  const readable = isImageName(image);
  if (pulled === undefined) return readable ? [{ image }] : [];
  const { repository, digest } = pulled;
  if (readable && repository === repositoryOf(image)) return [{ image, digest }];
  return [...(readable ? [{ image }] : []), { image: `${repository}@${digest}` }];
}
