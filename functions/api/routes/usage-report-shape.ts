import { MOST_ITEMS, USAGE_KINDS } from "@tallyman/domain/usage/evidence";
import * as z from "zod";
import { account, digest, name, region, scope } from "../parameters.ts";

/** The domain's UsageItem (usage/evidence.ts), in the form of zod that the OpenAPI description is made from. */
const Item = z
  .strictObject({
    image: z.string().min(1).max(1024).openapi({
      description:
        "As the workload names it: `<registry>/<repository>:<tag>`, `@<digest>` or both. Only ECR's are kept.",
    }),
    digest: digest
      .optional()
      .openapi({ description: "What the runtime resolved it to, an image's or an index's" }),
    kind: z.enum(USAGE_KINDS).openapi({
      description:
        "running, stopped: it was started; template: what would be started next, or by a rollback; scheduled: by a timer; version: of a function",
    }),
    account: account.openapi({ description: "Where it runs" }),
    region: region.optional(),
    cluster: name.optional(),
    service: name.openapi({
      description: "What uses it: `deployment/shop/web`",
      example: "deployment/shop/web",
    }),
    seenAt: z.iso
      .datetime()
      .optional()
      .openapi({ description: "Of what has stopped: when it was last seen" }),
  })
  .openapi("UsageItem");

export const UsageReportBody = z
  .strictObject({
    scope: scope.openapi({ example: "eks/shop-production" }),
    sequence: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER),
    complete: z.literal(true, {
      error: "only complete reports are evidence: part of one says nothing of the rest",
    }),
    observedAt: z.iso.datetime(),
    items: z.array(Item).max(MOST_ITEMS),
  })
  .openapi("UsageReport");
export type ReportBody = z.infer<typeof UsageReportBody>;
