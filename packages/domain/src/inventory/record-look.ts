import type { Look } from "../event/trail/looks-of.ts";
import { type Recorded, type RecordRequest, recordImage } from "./record-image.ts";
import { recordTag, type TagDeps } from "./record-tag.ts";

export type LookRequest = Omit<RecordRequest, "subject" | "cause" | "why"> & { readonly look: Look };

/**
 * Brings the inventory up to date on one image and every tag that is named with it. The index by which an image's tags are
 * found is behind by a moment; a tag that the message names is looked up by its name. Throws as recordImage does.
 */
export async function recordLook(deps: TagDeps, { look, ...rest }: LookRequest): Promise<Recorded> {
  const { digest, tags, ...because } = look;
  const request = { ...rest, ...because };
  const subject = digest === undefined ? { tag: tags[0] } : withTag(digest, tags[0]);
  const recorded = await recordImage(deps, { ...request, subject });
  const all = [...recorded.tags];
  for (const tag of tags.slice(1)) {
    if (all.some((known) => known.tag === tag)) continue;
    all.push((await recordTag(deps, { ...request, tag })).tag);
  }
  return { images: recorded.images, tags: all };
}

function withTag(digest: string, tag: string | undefined): RecordRequest["subject"] {
  return { digest, ...(tag !== undefined && { tag }) };
}
