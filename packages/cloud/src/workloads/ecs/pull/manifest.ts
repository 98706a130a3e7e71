import * as z from "zod";
import { PullError } from "./pull-error.ts";

const Descriptor = z.looseObject({
  mediaType: z.string().default(""),
  digest: z.string().regex(/^sha(?:256:[a-f0-9]{64}|512:[a-f0-9]{128})$/),
  size: z.number().int().nonnegative(),
  urls: z.array(z.string()).optional(),
  platform: z
    .looseObject({ os: z.string(), architecture: z.string(), variant: z.string().optional() })
    .optional(),
});
export type Descriptor = z.infer<typeof Descriptor>;

const Index = z.looseObject({ manifests: z.array(Descriptor) });
const Image = z.looseObject({ config: Descriptor, layers: z.array(Descriptor) });

/** `Accept` of a client that takes everything as it is: a registry converts nothing then. */
export const MANIFEST_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** What a manifest leads to: the manifest of one platform, or an image's config and layers. */
export type Manifest =
  | { readonly kind: "index"; readonly manifests: readonly Descriptor[] }
  | { readonly kind: "image"; readonly blobs: readonly Descriptor[] };

export function readManifest(bytes: Uint8Array): Manifest {
  const parsed = jsonOf(bytes);
  const index = Index.safeParse(parsed);
  if (index.success) return { kind: "index", manifests: index.data.manifests };
  const image = Image.safeParse(parsed);
  if (!image.success)
    throw new PullError({ at: "content", message: "the manifest is no image that can be run" });
  // Layers that carry their own URLs are not in the registry (OCI image spec, non-distributable layers).
  const layers = image.data.layers.filter(({ urls = [] }) => urls.length === 0);
  return { kind: "image", blobs: [image.data.config, ...layers] };
}

/** The one for a platform, `linux/amd64`. @throws PullError when there is none */
export function forPlatform(manifests: readonly Descriptor[], platform: string): Descriptor {
  const found = manifests.find(({ platform: of }) => of && `${of.os}/${of.architecture}` === platform);
  if (!found) throw new PullError({ at: "platform", platform });
  return found;
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}
