import { Digest, Tag } from "../image/digest.ts";
import type { Registry } from "./registry.ts";
import { parseRegistryHost } from "./registry-host.ts";
import { RepositoryName } from "./repository.ts";

/**
 * The image of a private registry that a workload names. With a digest, that is what is pulled, whatever the tag beside it;
 * otherwise the tag is there.
 */
export type ImageUri = {
  readonly registry: Registry;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
};

/** A name that says neither tag nor digest: every client that pulls takes this tag. */
export const DEFAULT_TAG = "latest";

/** Host, repository, tag and digest at their longest are well below. */
const LONGEST = 1024;

/**
 * `<registry host>/<repository>[:<tag>][@<digest>]` of a private ECR registry, in every partition and by every name of its
 * host (registry-host.ts); undefined for everything else: Docker Hub, ECR Public, a short name, what is no image name at all.
 * Takes time linear in the text.
 */
export function parseImageUri(text: string): ImageUri | undefined {
  const slash = text.length > LONGEST ? -1 : text.indexOf("/");
  const host = parseRegistryHost(text.slice(0, Math.max(slash, 0)));
  const parts = splitImageName(text.slice(slash + 1));
  if (host === undefined || !isImageName(parts)) return undefined;
  const { repository, tag, digest } = parts;
  return {
    registry: host.registry,
    repository,
    ...(tag !== undefined && { tag }),
    ...(digest !== undefined && { digest }),
    ...(tag === undefined && digest === undefined && { tag: DEFAULT_TAG }),
  };
}

/** What stands behind the host, taken apart at the first `@` and the first `:` before it; nothing is checked. */
export type ImageName = { readonly repository: string; readonly tag?: string; readonly digest?: string };

export function splitImageName(name: string): ImageName {
  const at = name.indexOf("@");
  const tagged = at < 0 ? name : name.slice(0, at);
  const colon = tagged.indexOf(":");
  return {
    repository: colon < 0 ? tagged : tagged.slice(0, colon),
    ...(colon >= 0 && { tag: tagged.slice(colon + 1) }),
    ...(at >= 0 && { digest: name.slice(at + 1) }),
  };
}

function isImageName({ repository, tag, digest }: ImageName): boolean {
  return (
    RepositoryName.safeParse(repository).success &&
    (tag === undefined || Tag.safeParse(tag).success) &&
    (digest === undefined || Digest.safeParse(digest).success)
  );
}
