import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { RepositorySummary } from "@tallyman/domain/inventory/records";
import { repositoryStaleness } from "@tallyman/domain/reconcile/repository-staleness";
import { registryName } from "@tallyman/domain/registry/registry";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { documented, jsonBody } from "../documented.ts";
import { readPage } from "../paging.ts";
import { pageOf, paging } from "../parameters.ts";
import { problems } from "../problem.ts";

const Repository = documented(() =>
  z
    .object({
      account: z.string(),
      region: z.string(),
      repository: z.string(),
      images: z.number().int(),
      tags: z.number().int(),
      openViolations: z.number().int(),
      bytes: z
        .number()
        .int()
        .openapi({ description: "Sum of the images' sizes; shared layers count every time" }),
      asOf: z.string().openapi({ description: "When these totals were computed" }),
      completeSince: z
        .string()
        .optional()
        .openapi({ description: "No gap in the history is known since then" }),
      reconciledAt: z.string().optional(),
      lastError: z.string().optional().openapi({ description: "Why the last reconcile failed, if it did" }),
      lastErrorAt: z.string().optional(),
      stale: z
        .boolean()
        .openapi({ description: "What is listed of it may be wrong; `staleReason` says why" }),
      staleReason: z.string().optional(),
    })
    .openapi("Repository"),
);

const route = createRoute({
  method: "get",
  path: "/repositories",
  operationId: "listRepositories",
  summary: "Every repository of every registry with its totals",
  ...needs("viewer"),
  request: { query: z.strictObject(paging) },
  responses: {
    ...problems("invalid-cursor"),
    200: {
      description: "One page",
      content: jsonBody(() => pageOf(Repository())),
    },
  },
});

export function registerRepositories(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const page = await readPage(c, deps, {
      operation: "listRepositories",
      limit,
      cursor,
      filters: {},
      read: (request) => deps.queries.listRepositories(request),
    });
    const items = await viewsOf(deps, page.items);
    return c.json({ ...page, items }, 200);
  });
}

/** Each registry of the page is asked for once. */
async function viewsOf(deps: ApiDeps, summaries: readonly RepositorySummary[]) {
  const registries = new Map(summaries.map((summary) => [registryName(summary), summary]));
  const runs = new Map(
    await Promise.all(
      [...registries].map(async ([name, of]) => [name, await deps.registries.findRun(of)] as const),
    ),
  );
  const now = deps.now();
  return summaries.map(({ version, ...summary }) => {
    const state = repositoryStaleness({ ...summary, version }, runs.get(registryName(summary)), now);
    return { ...summary, stale: state.stale, ...(state.stale && { staleReason: state.reason }) };
  });
}
