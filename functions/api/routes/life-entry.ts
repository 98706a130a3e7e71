import { HAPPENINGS } from "@tallyman/domain/history/life-entry";
import { CAUSES } from "@tallyman/domain/inventory/records";
import * as z from "zod";
import { documented } from "../documented.ts";

export const LifeEntry = documented(() =>
  z
    .object({
      at: z.string().openapi({
        description: "When we saw it; of copies and of what only CloudTrail tells: when it was done",
      }),
      what: z.enum(HAPPENINGS),
      tag: z.string().optional(),
      to: z.string().optional().openapi({ description: "Of untagged: the digest that the tag moved to" }),
      registry: z
        .object({ account: z.string(), region: z.string() })
        .optional()
        .openapi({ description: "Of a copy: where it went, or came from" }),
      cause: z.enum(CAUSES).optional(),
      why: z.string().optional().openapi({ description: "By which rule, or why it failed" }),
      by: z.string().optional().openapi({ description: "Who did it, where CloudTrail says" }),
      doneAt: z.string().optional().openapi({ description: "When, by CloudTrail's clock" }),
      action: z
        .string()
        .optional()
        .openapi({ description: "Of what only CloudTrail tells: what was asked for" }),
    })
    .openapi("LifeEntry"),
);
