import * as z from "zod";

/** Slack's limits for the blocks that are checked here. https://docs.slack.dev/reference/block-kit/blocks */
const text = (longest: number) => z.looseObject({ text: z.string().min(1).max(longest) });

const Block = z.union([
  z.looseObject({ type: z.literal("header"), text: text(150).extend({ type: z.literal("plain_text") }) }),
  z.looseObject({
    type: z.literal("section"),
    text: text(3000).optional(),
    fields: z.array(text(2000)).min(1).max(10).optional(),
  }),
  z.looseObject({
    type: z.literal("context"),
    elements: z
      .array(z.looseObject({ type: z.string() }))
      .min(1)
      .max(10),
  }),
  // Others are taken as they are.
  z.looseObject({ type: z.string().refine((type) => !["header", "section", "context"].includes(type)) }),
]);

export const Blocks = z.array(Block).max(50);
