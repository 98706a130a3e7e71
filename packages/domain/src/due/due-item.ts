import * as z from "zod";

/** "Later" (docs/architecture.md): something to look at again at a time. Natural key: `id`. */
export const DueItem = z.strictObject({
  /** `replica-check#<account>/<region>#<repository>#<digest>#<tag>`: the kind and the subject. */
  id: z.string().min(1).max(900),
  kind: z.enum(["replica-check"]),
  dueAt: z.string(),
  payload: z.record(z.string(), z.json()),
  version: z.number().int().positive(),
});
export type DueItem = z.infer<typeof DueItem>;
