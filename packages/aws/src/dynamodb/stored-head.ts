import type { ManifestContents, ManifestHead } from "@tallyman/domain/manifest/contents";
import * as z from "@tallyman/domain/zod";

/** So many layers stand in a head: 8 KB. An image of more is rare, as 127 are all that overlay file systems stack; its body is read. */
const MAX_LAYERS = 100;

/** A head as stored; heads without `children` are older than contents. */
export const StoredHead = z.lazy(() => {
  const text = z.string();
  const size = z.number();
  // `sha256:` left out: a head with ten layers fits into one write unit.
  const Blob = z.tuple([text, size]);
  return z.object({
    digest: text,
    mediaType: text,
    size,
    children: z.exactOptional(
      z.array(z.object({ digest: text, platform: z.exactOptional(text), size: z.exactOptional(size) })),
    ),
    subject: z.exactOptional(text),
    config: z.exactOptional(Blob),
    layers: z.exactOptional(z.array(Blob)),
    layersIn: z.exactOptional(z.literal("body")),
  });
});
export type StoredHead = z.infer<typeof StoredHead>;

/** What of its contents a head carries. */
export function storedContents({ children, subject, config, layers }: ManifestContents) {
  return {
    children,
    subject,
    config: config && toStored(config),
    ...(layers && layers.length > MAX_LAYERS
      ? { layersIn: "body" as const }
      : { layers: layers?.map(toStored) }),
  };
}

/** The head, or undefined where its contents have to be read from the body. */
export function headOf(stored: StoredHead): ManifestHead | undefined {
  const { digest, mediaType, size, children, subject, config, layers, layersIn } = stored;
  if (!children || layersIn) return undefined;
  return {
    digest,
    mediaType,
    size,
    children,
    ...(subject !== undefined && { subject }),
    ...(config && { config: fromStored(config) }),
    ...(layers && { layers: layers.map(fromStored) }),
  };
}

const PREFIX = "sha256:";

function toStored({ digest, size }: { readonly digest: string; readonly size: number }) {
  return [digest.slice(PREFIX.length), size];
}

function fromStored([hex, size]: readonly [string, number]) {
  return { digest: `${PREFIX}${hex}`, size };
}
