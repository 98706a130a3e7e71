import * as z from "zod";

/**
 * What people are told, once per `key` (subject and verdict). Plain text fields only: escaping belongs to the border
 * that shows them (Slack, console, terminal). All text from an image is hostile.
 */
export const Notice = z.strictObject({
  /** Long enough for the longest repository, rule, digest and tag. */
  key: z.string().min(1).max(900),
  kind: z.enum(["violation", "replica-overdue", "replica-failed"]),
  channel: z.string().min(1).max(80),
  title: z.string().max(300),
  reason: z.string().max(2000),
  fields: z.array(z.strictObject({ name: z.string().max(80), value: z.string().max(1000) })).max(10),
  at: z.string(),
  /** The violation to mark as noticed afterwards. */
  violation: z
    .strictObject({
      account: z.string(),
      region: z.string(),
      repository: z.string(),
      rule: z.string(),
      digest: z.string(),
      tag: z.string(),
    })
    .optional(),
});
export type Notice = z.infer<typeof Notice>;

/** Where notices go: a FIFO queue, group = channel, deduplicated by key. */
export type NoticeSink = { send(notice: Notice): Promise<void> };
