import type { Cause } from "../../inventory/records.ts";
import type { TrailAct, TrailEvent } from "./trail-event.ts";

/** What a record of CloudTrail gives reason to read: one image by its digest, and tags that it has or had; or a tag. */
export type Look = (
  | { readonly digest: string; readonly tags: readonly string[] }
  | { readonly digest?: never; readonly tags: readonly [string] }
) & {
  readonly cause: Cause;
  /** In words, where the record says so. */
  readonly why?: string;
};

/**
 * The images to look at. What was pushed is not among them: its own event has a way of its own, and brings more. What failed
 * changed nothing.
 */
export function looksOf({ kind, acts }: TrailEvent): readonly Look[] {
  const looks = new Map<string, Look>();
  for (const act of acts) {
    const cause = kind === "lifecycle" ? "lifecycle" : CAUSES[act.action];
    if (cause === undefined || act.failure !== undefined) continue;
    const { digest, tag, rule } = act;
    const because = { cause, ...(rule !== undefined && { why: rule }) };
    if (digest !== undefined) {
      const tags = new Set([...(looks.get(digest)?.tags ?? []), ...tagsOf(act)]);
      looks.set(digest, { digest, tags: [...tags], ...because });
    } else if (tag !== undefined) looks.set(tag, { tags: [tag], ...because });
  }
  return [...looks.values()];
}

const CAUSES: Readonly<Partial<Record<TrailAct["action"], Cause>>> = {
  delete: "delete",
  archive: "archive",
  restore: "restore",
};

function tagsOf({ tag, tags = [] }: TrailAct): readonly string[] {
  return tag === undefined ? tags : [tag, ...tags];
}
