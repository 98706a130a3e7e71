import * as z from "zod";
import { findManifest, type StoredImage } from "../storage/images.ts";
import { findLayer, findLayerState } from "../storage/layers.ts";
import type { Repository } from "../storage/repositories.ts";
import { completeUpload } from "./complete-upload.ts";
import { convertManifest, type SentManifest, schema1Wanted } from "./convert-manifest.ts";
import type { Core } from "./core.ts";
import { SIGNED_SCHEMA1 } from "./docker-schema1.ts";
import { digestOfBytes } from "./manifest.ts";
import { EMPTY_LAYER, type Schema1Image, toGoJson, toSchema1 } from "./schema1-image.ts";
import { startUpload } from "./start-upload.ts";

export type PulledImage = {
  readonly repository: Repository;
  readonly image: Pick<StoredImage, "digest" | "mediaType">;
  /** Absent in a pull by digest, which never converts: what is asked for by its digest has that digest. */
  readonly tag: string | undefined;
  readonly accepted: readonly string[];
};

/** The manifest as this client gets it; `undefined` when the image is gone. See `convertManifest` for `accepted`. */
export async function pulledManifest(core: Core, pulled: PulledImage): Promise<SentManifest | undefined> {
  const { repository, image, tag, accepted } = pulled;
  const bytes = findManifest(core.sql, repository.id, image.digest);
  if (bytes === undefined) return undefined;
  const stored = { bytes, mediaType: image.mediaType, digest: image.digest };
  if (tag === undefined) return stored;
  const wanted = schema1Wanted(stored, accepted);
  if (wanted === undefined) return convertManifest(stored, accepted);
  const made = await schema1Of(core, { repository, tag, bytes });
  if (made === undefined) return stored;
  const payload = toGoJson(made, 3);
  if (Buffer.byteLength(payload) > core.limits.maxManifestBytes) return stored;
  const text = wanted === SIGNED_SCHEMA1 ? core.signManifest(payload, core.now()) : payload;
  // Clients know it by what was signed: so it has the same digest each time, though each signature is another.
  return { bytes: Buffer.from(text), mediaType: wanted, digest: digestOfBytes(Buffer.from(payload)) };
}

const LAYERS = [
  "application/vnd.docker.image.rootfs.diff.tar",
  "application/vnd.docker.image.rootfs.diff.tar.gzip",
] as const;
/** What schema 1, which names no media types, can speak of. */
const Schema2Image = z.object({
  config: z.object({
    mediaType: z.literal("application/vnd.docker.container.image.v1+json"),
    digest: z.string(),
  }),
  layers: z.array(z.object({ mediaType: z.enum(LAYERS), digest: z.string() })),
});

type TaggedImage = { readonly repository: Repository; readonly tag: string; readonly bytes: Uint8Array };

async function schema1Of(
  core: Core,
  { repository, tag, bytes }: TaggedImage,
): Promise<Schema1Image | undefined> {
  const manifest = Schema2Image.safeParse(JSON.parse(Buffer.from(bytes).toString())).data;
  if (manifest === undefined) return undefined;
  const config = await readConfig(core, repository, manifest.config.digest);
  if (config === undefined) return undefined;
  const layers = manifest.layers.map((layer) => layer.digest);
  const made = toSchema1({ name: repository.name, tag, config, layers });
  if (made?.fsLayers.some(({ blobSum }) => blobSum === EMPTY_LAYER.digest))
    await provideEmptyLayer(core, repository);
  return made;
}

/** `undefined` for one that is larger than a manifest may be: it would have to stand in one. */
async function readConfig(
  core: Core,
  repository: Repository,
  digest: string,
): Promise<Uint8Array | undefined> {
  const size = findLayer(core.sql, repository.id, digest)?.size;
  if (size === undefined || size > core.limits.maxManifestBytes) return undefined;
  const file = await core.blobs.open(repository, digest);
  return file.readFile().finally(() => file.close());
}

/** Whoever pulls the manifest asks for its layers next. */
async function provideEmptyLayer(core: Core, repository: Repository): Promise<void> {
  const state = findLayerState(core.sql, repository.id, EMPTY_LAYER.digest);
  if (state === "active" || state === "unused") {
    core.leases.renew(repository.id, EMPTY_LAYER.digest);
    return;
  }
  const session = await startUpload(core, { ...repository, repository: repository.name });
  await session.append([EMPTY_LAYER.bytes]);
  await completeUpload(core, session, [EMPTY_LAYER.digest]);
}
