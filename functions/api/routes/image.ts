import { z } from "@hono/zod-openapi";
import type { ImageRecord } from "@tallyman/domain/inventory/records";
import type { ApiDeps } from "../deps.ts";

export const Image = z
  .object({
    account: z.string(),
    region: z.string(),
    repository: z.string(),
    digest: z.string(),
    tags: z.array(z.string()).openapi({ description: "Tags that point to it now" }),
    state: z
      .enum(["open", "closed"])
      .openapi({ description: "closed: gone from the registry, kept as history" }),
    status: z.enum(["ACTIVE", "ARCHIVED", "ACTIVATING"]),
    mediaType: z.string().optional(),
    artifactMediaType: z.string().optional(),
    size: z.number().int().optional().openapi({ description: "Bytes, as the registry counts them" }),
    pushedAt: z.string().optional(),
    lastPulledAt: z.string().optional(),
    subject: z.string().optional(),
    firstSeenAt: z.string(),
    closedAt: z.string().optional(),
    manifest: z
      .enum(["known", "exclusion-missing", "not-found", "inaccessible", "unreadable"])
      .openapi({ description: "Whether its manifest is known, and if not, why" }),
  })
  .openapi("Image");

const CONCURRENT_READS = 10;

/** Each image with the tags of its own repository: one small read per open image, ten at a time. */
export async function withTags(
  deps: Pick<ApiDeps, "tags">,
  records: readonly ImageRecord[],
): Promise<z.infer<typeof Image>[]> {
  const images: z.infer<typeof Image>[] = [];
  for (let from = 0; from < records.length; from += CONCURRENT_READS) {
    const batch = records.slice(from, from + CONCURRENT_READS);
    images.push(...(await Promise.all(batch.map((record) => imageOf(deps, record)))));
  }
  return images;
}

async function imageOf(deps: Pick<ApiDeps, "tags">, record: ImageRecord): Promise<z.infer<typeof Image>> {
  const tags: string[] = [];
  const { version: _, ...image } = record;
  if (record.state === "open")
    for await (const pointer of deps.tags.listTagsOf(record, record.digest)) tags.push(pointer.tag);
  return { ...image, tags: tags.toSorted() };
}
