import { createHash } from "node:crypto";
import * as z from "zod";
import { EcrError } from "./errors.ts";
import { parseJsonDocument } from "./json-document.ts";

/** An image in the words of Docker's schema 1: a layer for each step of its history, the newest first. */
export type Schema1Image = {
  readonly schemaVersion: 1;
  readonly name: string;
  readonly tag: string;
  readonly architecture: string;
  readonly fsLayers: readonly { readonly blobSum: string }[];
  readonly history: readonly { readonly v1Compatibility: string }[];
};

const EMPTY_TAR_GZIPPED = "1f8b080000096e8800ff621805a360148c5800080000ffff2eafb5ef00040000";
/**
 * What a step that changed no file has as its layer: a gzipped tar without files. Schema 1 knows no step without a layer.
 * https://distribution.github.io/distribution/spec/manifest-v2-2/ names its digest.
 */
export const EMPTY_LAYER = {
  digest: "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4",
  bytes: Buffer.from(EMPTY_TAR_GZIPPED, "hex"),
} as const;

const Step = z.object({
  created: z.string().default("0001-01-01T00:00:00Z"),
  author: z.string().optional(),
  created_by: z.string().default(""),
  comment: z.string().optional(),
  empty_layer: z.boolean().default(false),
});
/** Docker itself takes 127 layers; a config is anybody's bytes. */
const MOST_STEPS = 1_000;
const Config = z.looseObject({
  architecture: z.string().default(""),
  history: z.array(z.unknown()).min(1).max(MOST_STEPS).pipe(z.array(Step)),
  rootfs: z.looseObject({ diff_ids: z.array(z.unknown()) }),
});
type Step = z.infer<typeof Step>;

type ImageParts = {
  /** Repository and tag, which schema 1 writes into the manifest. */
  readonly name: string;
  readonly tag: string;
  readonly config: Uint8Array;
  /** Digests of the layers, the oldest first. */
  readonly layers: readonly string[];
};

/**
 * The schema 1 image of an image's config and layers, as the Docker registry makes it: the newest entry of the history is
 * the config itself, the others have made-up ids that follow from layer and parent. `undefined` for a config that cannot
 * be told so: without a history, with one that speaks of other layers, or no config at all.
 */
export function toSchema1({ name, tag, config, layers }: ImageParts): Schema1Image | undefined {
  const parsed = Config.safeParse(parseJson(config)).data;
  if (parsed === undefined) return undefined;
  const blobs = blobOfEachStep(parsed.history, layers);
  if (blobs === undefined || parsed.rootfs.diff_ids.length !== layers.length) return undefined;
  const entries: string[] = [];
  let parent = "";
  for (const [index, blob] of blobs.slice(0, -1).entries()) {
    const id = sha256(`${hex(blob)} ${parent}`);
    entries.unshift(olderEntry(parsed.history[index], { id, parent }));
    parent = id;
  }
  const id = sha256(`${hex(blobs.at(-1) ?? "")} ${parent} ${Buffer.from(config).toString()}`);
  entries.unshift(newestEntry(parsed, { id, parent }));
  return {
    schemaVersion: 1,
    name,
    tag,
    architecture: parsed.architecture,
    fsLayers: blobs.toReversed().map((blobSum) => ({ blobSum })),
    history: entries.map((v1Compatibility) => ({ v1Compatibility })),
  };
}

/** `undefined` when there are more layers than steps that made one, or fewer. */
function blobOfEachStep(history: readonly Step[], layers: readonly string[]): readonly string[] | undefined {
  const steps = history.filter((step) => !step.empty_layer).length;
  if (steps !== layers.length) return undefined;
  const left = layers[Symbol.iterator]();
  return history.map((step) => (step.empty_layer ? EMPTY_LAYER.digest : String(left.next().value)));
}

type Ids = { readonly id: string; readonly parent: string };

function olderEntry(step: Step | undefined, { id, parent }: Ids): string {
  return toGoJson({
    id,
    parent: parent || undefined,
    comment: step?.comment || undefined,
    created: step?.created,
    container_config: { Cmd: [step?.created_by] },
    author: step?.author || undefined,
    throwaway: step?.empty_layer || undefined,
  });
}

function newestEntry({ rootfs: _, history, ...config }: z.infer<typeof Config>, { id, parent }: Ids): string {
  const throwaway = history.at(-1)?.empty_layer || undefined;
  const members = Object.entries({ ...config, id, ...(parent && { parent }), throwaway });
  return toGoJson(Object.fromEntries(members.toSorted(([a], [b]) => (a < b ? -1 : 1))));
}

/** Clients of that time were written in Go, whose JSON escapes what could end a script in HTML. */
export function toGoJson(value: object, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return parseJsonDocument(bytes);
  } catch (error) {
    if (error instanceof EcrError) return undefined;
    throw error;
  }
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function hex(digest: string): string {
  return digest.slice("sha256:".length);
}
