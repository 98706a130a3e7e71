import { CAUSES } from "@tallyman/domain/inventory/records";
import * as z from "zod";
import { documented } from "../documented.ts";
import { Image } from "./image.ts";
import { LifeEntry } from "./life-entry.ts";
import { Replica } from "./replicas.ts";
import { Violation } from "./violations.ts";

const text = z.string();

/** The answer to why: for the OpenAPI document. */
export const Story = documented(() => {
  const place = { account: text, region: text, repository: text };
  const image = Image().omit({ changedAt: true });
  return z
    .object({
      subject: z.object({
        account: text.optional(),
        region: text.optional(),
        repository: text.optional(),
        tag: text.optional(),
        digest: text.optional(),
      }),
      here: z.array(image).openapi({ description: "Where it is" }),
      gone: z.array(image).openapi({ description: "Where it was" }),
      pointers: z
        .array(
          z.object({
            ...place,
            tag: text,
            digest: text.nullable().openapi({ description: "null: the tag is gone" }),
            since: text,
            cause: z.enum(CAUSES),
            why: text.optional(),
            forgetAt: text.optional(),
          }),
        )
        .openapi({ description: "Of a tag: where it points, by registry" }),
      life: z
        .array(LifeEntry().extend({ ...place, digest: text }))
        .openapi({ description: "Of all these places, oldest first" }),
      violations: z.array(Violation()).openapi({ description: "Open ones" }),
      replicas: z.array(Replica()),
      sure: z.array(
        z.object({
          ...place,
          completeSince: text.optional(),
          reconciledAt: text.optional(),
          lastEventAt: text.optional(),
          unknown: z.array(text).openapi({ description: "In words, what is not known" }),
        }),
      ),
      more: z.boolean().openapi({ description: "There is more than is told here" }),
    })
    .openapi("Story");
});
