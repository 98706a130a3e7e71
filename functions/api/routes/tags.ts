import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { withDoers } from "@tallyman/domain/history/tag-doers";
import { CAUSES } from "@tallyman/domain/inventory/records";
import { registryName } from "@tallyman/domain/registry/registry";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { documented, jsonBody } from "../documented.ts";
import { readPage } from "../paging.ts";
import { account, pageOf, paging, region, repository, tag } from "../parameters.ts";
import { ProblemError, problems } from "../problem.ts";

const TagInterval = documented(() =>
  z
    .object({
      tag: z.string(),
      digest: z.string().nullable().openapi({ description: "null: the tag did not exist in this time" }),
      since: z.string(),
      until: z.string().optional().openapi({ description: "Absent: it is so now" }),
      cause: z.enum(CAUSES),
      why: z.string().optional().openapi({ description: "In words, where whoever told us said" }),
      by: z.string().optional().openapi({ description: "Who did it, where CloudTrail says" }),
      version: z.number().int(),
    })
    .openapi("TagInterval"),
);

const route = createRoute({
  method: "get",
  path: "/tags/history",
  operationId: "listTagHistory",
  summary: "What a tag pointed to, when and why, oldest first",
  ...needs("viewer"),
  request: { query: z.strictObject({ account, region, repository, tag, ...paging }) },
  responses: {
    ...problems("invalid-cursor", "not-found"),
    200: { description: "One page", content: jsonBody(() => pageOf(TagInterval())) },
  },
});

export function registerTags(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { limit, cursor, tag: name, ...ref } = c.req.valid("query");
    const page = await readPage(c, deps, {
      operation: "listTagHistory",
      limit,
      cursor,
      filters: { ...ref, tag: name },
      read: (request) => deps.queries.listTagHistory(ref, name, request),
    });
    if (page.items.length === 0 && cursor === undefined && page.next === undefined)
      throw new ProblemError(
        "not-found",
        `Tag "${name}" was never seen in ${ref.repository} of ${registryName(ref)}.`,
      );
    const items = await withDoers(deps.deeds, ref, page.items);
    return c.json({ ...page, items: [...items] }, 200);
  });
}
