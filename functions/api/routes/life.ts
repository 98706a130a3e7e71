import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { LifeEntry as Entry } from "@tallyman/domain/history/life-entry";
import { readLife } from "@tallyman/domain/history/read-life";
import type { Page, PageRequest } from "@tallyman/domain/inventory/ports";
import { registryName } from "@tallyman/domain/registry/registry";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { jsonBody } from "../documented.ts";
import { readPage } from "../paging.ts";
import { account, digest, pageOf, paging, region, repository } from "../parameters.ts";
import { ProblemError, problems } from "../problem.ts";
import { LifeEntry } from "./life-entry.ts";

const route = createRoute({
  method: "get",
  path: "/images/{digest}/life",
  operationId: "listImageLife",
  summary: "What happened to an image in one repository, by whom and why, oldest first",
  ...needs("viewer"),
  request: {
    params: z.object({ digest }),
    query: z.strictObject({ account, region, repository, ...paging }),
  },
  responses: {
    ...problems("invalid-cursor", "not-found"),
    200: { description: "One page", content: jsonBody(() => pageOf(LifeEntry())) },
  },
});

export function registerLife(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { limit, cursor, ...place } = c.req.valid("query");
    const { digest: wanted } = c.req.valid("param");
    const page = await readPage(c, deps, {
      operation: "listImageLife",
      limit,
      cursor,
      filters: { ...place, digest: wanted },
      read: async (request) => part((await readLife(deps, { place, digest: wanted })).entries, request),
    });
    if (page.items.length === 0 && cursor === undefined)
      throw new ProblemError(
        "not-found",
        `${wanted} was never seen in ${place.repository} of ${registryName(place)}.`,
      );
    return c.json({ ...page, items: [...page.items] }, 200);
  });
}

/** What happens later is added at the end, so the number of entries given says where to go on. */
function part(entries: readonly Entry[], { limit, next }: PageRequest): Page<Entry> {
  const from = next === undefined ? 0 : Number(next);
  const items = entries.slice(from, from + limit);
  return from + limit < entries.length ? { items, next: String(from + limit) } : { items };
}
