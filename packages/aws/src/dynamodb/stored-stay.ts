import type { TagStay } from "@tallyman/domain/history/tag-stay";
import { CAUSES } from "@tallyman/domain/inventory/records";
import * as z from "@tallyman/domain/zod";

const text = z.string();
const Cause = z.enum(CAUSES);
const why = z.exactOptional(text);

/** A settled interval of a tag as its digest's index finds it; only the admin API reads it so. */
export const StoredStay: z.ZodMiniType<TagStay> = z.lazy(() =>
  z.object({
    tag: text,
    digest: text,
    since: text,
    cause: Cause,
    why,
    version: z.int().check(z.positive()),
    ended: z.exactOptional(z.object({ at: text, cause: Cause, why, to: z.nullable(text) })),
  }),
);
