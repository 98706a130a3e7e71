import type { Image } from "../image/image.ts";
import type { ImageUri } from "../registry/image-uri.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import type { Place } from "./facts.ts";
import { type Said, unknown } from "./finding.ts";
import { checkImageName, couldBeRepository, type NamedImage, readImageName } from "./image-name.ts";
import { checkActive, checkThere, referenceOf } from "./image-there.ts";
import { type Looked, mapLooked } from "./looked.ts";
import { checkPinned } from "./pinned.ts";
import type { RegistryLook } from "./ports.ts";

/** What was found of the image that a workload names; `uri` and `image` where it is one of ECR, and there. */
export type ExaminedImage = {
  readonly said: readonly Said[];
  readonly uri?: ImageUri;
  readonly image?: Image;
};

export type ImageLook = Pick<RegistryLook, "findCachePrefixes" | "findImage" | "findMutability">;

/** The name, whether the image is there and active, and whether it stays the same. */
export async function examineImage(look: ImageLook, image: string, own: Place): Promise<ExaminedImage> {
  const named = readImageName(image, own);
  const name: Said = {
    check: "image-name",
    ...checkImageName(image, named, await ownRepository(look, named, own)),
  };
  if (named.is !== "ecr") return { said: [name] };
  const { uri } = named;
  const repository = repositoryOf(uri);
  const found = await look.findImage({ repository, reference: referenceOf(uri) });
  const there = "seen" in found ? found.seen : undefined;
  const said: readonly Said[] = [
    name,
    { check: "image-there", ...checkThere(uri, found, there ? NOT_CACHED : await isCached(look, uri, own)) },
    ...(there ? [{ check: "image-active", ...checkActive(uri, there) }] : []),
    ...(await pinnedOpinions(look, uri)),
  ];
  return { said, uri, ...(there && { image: there }) };
}

const NOT_CACHED: Looked<boolean> = { seen: false };

/** Of another account's registry nobody is told the rules: it is taken to have none. */
async function isCached(
  look: ImageLook,
  { registry, repository }: ImageUri,
  own: Place,
): Promise<Looked<boolean>> {
  if (registry.account !== own.account) return NOT_CACHED;
  return mapLooked(await look.findCachePrefixes(registry), (prefixes) =>
    prefixes.some((prefix) => prefix === "ROOT" || repository.startsWith(`${prefix}/`)),
  );
}

export function repositoryOf({ registry, repository }: ImageUri): RepositoryRef {
  return { ...registry, repository };
}

async function pinnedOpinions(look: ImageLook, uri: ImageUri): Promise<readonly Said[]> {
  if (uri.digest !== undefined) return [{ check: "pinned", ...checkPinned(uri, DOES_NOT_MATTER) }];
  const mutability = await look.findMutability(repositoryOf(uri));
  if ("unseen" in mutability)
    return [{ check: "pinned", ...unknown(`whether tags of ${uri.repository} can move`, mutability.unseen) }];
  // Without a repository there is no image either, which is said already.
  return mutability.seen ? [{ check: "pinned", ...checkPinned(uri, mutability.seen) }] : [];
}

const DOES_NOT_MATTER = { setting: "MUTABLE", exclusions: [] } as const;

/** Of a short name: whether the account has a repository that is called so. */
async function ownRepository(look: ImageLook, named: NamedImage, own: Place): Promise<Looked<boolean>> {
  if (named.is !== "short" || !couldBeRepository(named.repository)) return { seen: false };
  const { account, region } = own;
  const found = await look.findMutability({ account, region, repository: named.repository });
  return mapLooked(found, (it) => it !== undefined);
}
