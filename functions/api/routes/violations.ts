import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { documented, jsonBody } from "../documented.ts";
import { readFiltered, readPage } from "../paging.ts";
import { account, pageOf, paging, region, repository } from "../parameters.ts";
import { problems } from "../problem.ts";

export const Violation = documented(() =>
  z
    .object({
      account: z.string(),
      region: z.string(),
      repository: z.string(),
      tag: z.string(),
      digest: z.string(),
      rule: z.string(),
      reason: z.string(),
      evidence: z.record(z.string(), z.string()),
      state: z.enum(["open", "closed"]),
      openedAt: z.string(),
      closedAt: z.string().optional(),
      noticedAt: z.string().optional().openapi({ description: "When people were told; absent: not yet" }),
    })
    .openapi("Violation"),
);

const filters = z.strictObject({
  account: account.optional(),
  region: region.optional(),
  repository: repository.optional(),
});

const route = createRoute({
  method: "get",
  path: "/violations",
  operationId: "listViolations",
  summary: "Open breaches of tagging rules",
  description:
    "With filters a page can hold fewer items than `limit`, even none, and have a `next` all the same.",
  ...needs("viewer"),
  request: { query: z.strictObject({ ...filters.shape, ...paging }) },
  responses: {
    ...problems("invalid-cursor"),
    200: { description: "One page", content: jsonBody(() => pageOf(Violation())) },
  },
});

export function registerViolations(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { limit, cursor, ...wanted } = c.req.valid("query");
    const page = await readPage(c, deps, {
      operation: "listViolations",
      limit,
      cursor,
      filters: wanted,
      read: (request) =>
        readFiltered(
          (next) => deps.queries.listViolations({ state: "open" }, next),
          request,
          selects(wanted),
        ),
    });
    const items = page.items.map(({ version: _, ...violation }) => violation);
    return c.json({ ...page, items }, 200);
  });
}

function selects(wanted: z.infer<typeof filters>): (item: RepositoryRef) => boolean {
  return (item) =>
    (wanted.account ?? item.account) === item.account &&
    (wanted.region ?? item.region) === item.region &&
    (wanted.repository ?? item.repository) === item.repository;
}
