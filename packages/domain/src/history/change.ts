import type { ImageRecord, TagPointer } from "../inventory/records.ts";

/** Something that changed and how it stands now; `at`: when it last changed, as we saw it. */
export type Change = { readonly at: string } & (
  | { readonly kind: "image"; readonly image: ImageRecord }
  | { readonly kind: "tag"; readonly tag: TagPointer }
);

/** How far back it can be asked what changed. */
export const CHANGES_DAYS = 90;
