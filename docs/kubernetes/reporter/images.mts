/** Longer ones no registry has: 255 for host and path, 128 for the tag, and a digest. */
const LONGEST = 1024;

const HOST = /^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]+)?$/;
const SEGMENT = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const TAG = /^[\w][\w.-]{0,127}$/;
const DIGEST = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-fA-F]{32,}$/;

/**
 * Whether a container runtime can read this as the name of an image (github.com/distribution/reference). Nothing was ever
 * pulled by another name, so a workload that has one uses no image by it.
 */
export function isImageName(text: string): boolean {
  if (text.length > LONGEST) return false;
  const { repository, tag, digest } = partsOf(text);
  const [first = "", ...rest] = repository.split("/");
  // `sha256:...` is an id on one node: what has it was loaded there, and is in no registry by that name.
  if (text.startsWith("sha256:")) return false;
  const isFirst = SEGMENT.test(first) || (rest.length > 0 && HOST.test(first));
  return (
    isFirst &&
    rest.every((segment) => SEGMENT.test(segment)) &&
    (tag === undefined || TAG.test(tag)) &&
    (digest === undefined || DIGEST.test(digest))
  );
}

/** What a runtime says that it runs, as far as it is of use in a registry. */
export type Pulled = { readonly repository: string; readonly digest: string };

/**
 * `imageID` of a container's status: `<repository>@<digest>`, also behind `docker-pullable://`. Undefined without a digest
 * that a registry knows: what was loaded by hand, and the id of a configuration (`sha256:...` alone), which is none.
 */
export function parseImageId(imageId: string): Pulled | undefined {
  const match = /^(?:[a-z-]+:\/\/)?([^@]+)@(sha256:[0-9a-f]{64})$/.exec(imageId);
  const [, repository = "", digest = ""] = match ?? [];
  return match && isImageName(repository) ? { repository, digest } : undefined;
}

/** `<host>/<path>` of an image's name. */
export function repositoryOf(image: string): string {
  return partsOf(image).repository;
}

function partsOf(text: string): { repository: string; tag?: string; digest?: string } {
  const [name = "", ...digests] = text.split("@");
  const colon = name.indexOf(":", name.lastIndexOf("/") + 1);
  return {
    repository: colon < 0 ? name : name.slice(0, colon),
    ...(colon >= 0 && { tag: name.slice(colon + 1) }),
    ...(digests.length > 0 && { digest: digests.join("@") }),
  };
}
