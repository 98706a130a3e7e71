import * as z from "../zod.ts";

/**
 * What people are told, once per `key` (subject and verdict). Plain text fields only: escaping belongs to the border
 * that shows them (Slack, console, terminal). All text from an image is hostile.
 */
export const Notice = z.strictObject({
  /** Long enough for the longest repository, rule, digest and tag. */
  key: z.string().check(z.minLength(1), z.maxLength(900)),
  kind: z.enum(["violation", "replica-overdue", "replica-failed", "usage-suspect"]),
  channel: z.string().check(z.minLength(1), z.maxLength(80)),
  title: z.string().check(z.maxLength(300)),
  reason: z.string().check(z.maxLength(2000)),
  fields: z
    .array(
      z.strictObject({ name: z.string().check(z.maxLength(80)), value: z.string().check(z.maxLength(1000)) }),
    )
    .check(z.maxLength(10)),
  at: z.string(),
  /** The violation to mark as noticed afterwards. */
  violation: z.optional(
    z.strictObject({
      account: z.string(),
      region: z.string(),
      repository: z.string(),
      rule: z.string(),
      digest: z.string(),
      tag: z.string(),
    }),
  ),
});
export type Notice = z.infer<typeof Notice>;

/** Where notices go: a FIFO queue, group = channel, deduplicated by key. */
export type NoticeSink = { send(notice: Notice): Promise<void> };
