import { CAUSES, type ImageRecord } from "@tallyman/domain/inventory/records";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import * as z from "zod";
import type { ApiDeps } from "../deps.ts";
import { documented } from "../documented.ts";

export const Image = documented(() =>
  z
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
      since: z.string().optional().openapi({
        description:
          "When it came to be as it is: there or gone, in this storage class. Absent, as are `cause` and `changedAt`, where the answer is from a listing",
      }),
      cause: z.enum(CAUSES).optional(),
      why: z.string().optional().openapi({ description: "In words, where whoever told us said" }),
      changedAt: z
        .string()
        .optional()
        .openapi({ description: "When anything but its pull time last changed" }),
      forgetAt: z
        .string()
        .optional()
        .openapi({ description: "Closed ones: when the record may be forgotten" }),
      manifest: z
        .enum(["known", "exclusion-missing", "not-found", "inaccessible", "unreadable"])
        .openapi({ description: "Whether its manifest is known, and if not, why" }),
    })
    .openapi("Image"),
);

export type Image = z.infer<ReturnType<typeof Image>>;

const CONCURRENT_READS = 10;

/** Each image with the tags of its own repository: one small read per open image, ten at a time. */
export async function withTags(
  deps: Pick<ApiDeps, "tags">,
  records: readonly ImageRecord[],
): Promise<Image[]> {
  const images: Image[] = [];
  for (let from = 0; from < records.length; from += CONCURRENT_READS) {
    const batch = records.slice(from, from + CONCURRENT_READS);
    images.push(...(await Promise.all(batch.map((record) => imageOf(deps, record)))));
  }
  return images;
}

const TAGS_FOR_AN_IMAGE = 4;

/**
 * The same for all images of a repository: its tags are one read where it has no more than a few for each image, which costs
 * less than a read for each, and are looked up image by image else.
 */
export async function withAllTags(
  deps: Pick<ApiDeps, "tags" | "queries">,
  repository: RepositoryRef,
  records: readonly ImageRecord[],
): Promise<Image[]> {
  if (records.length < 2) return withTags(deps, records);
  const limit = TAGS_FOR_AN_IMAGE * records.length;
  const { items, next } = await deps.queries.listTags(repository, { limit });
  if (next !== undefined) return withTags(deps, records);
  const pointers = Map.groupBy(items, ({ digest }) => digest);
  return records.map((record) => {
    const here = record.state === "open" ? (pointers.get(record.digest) ?? []) : [];
    return shown(
      record,
      here.map(({ tag }) => tag),
    );
  });
}

async function imageOf(deps: Pick<ApiDeps, "tags">, record: ImageRecord): Promise<Image> {
  const tags: string[] = [];
  if (record.state === "open")
    for await (const pointer of deps.tags.listTagsOf(record, record.digest)) tags.push(pointer.tag);
  return shown(record, tags);
}

function shown({ version: _, ...image }: ImageRecord, tags: readonly string[]): Image {
  return { ...image, tags: tags.toSorted() };
}
