import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { InventoryQueries } from "@tallyman/domain/inventory/ports";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { documented, jsonBody } from "../documented.ts";
import { readPage } from "../paging.ts";
import { account, described, digest, pageOf, paging, region, repository } from "../parameters.ts";
import { ProblemError, problems } from "../problem.ts";

const Registry = documented(() => z.object({ account: z.string(), region: z.string() }));

export const Replica = documented(() =>
  z
    .object({
      source: Registry(),
      destination: Registry(),
      repository: z.string(),
      digest: z.string(),
      tag: z.string().openapi({ description: "Empty: the image was pushed without a tag" }),
      state: z.enum(["pending", "arrived", "failed", "overdue"]),
      expectedAt: z.string(),
      arrivedAt: z.string().optional(),
      checks: z.number().int(),
      checkAt: z.string().optional().openapi({ description: "When to look for it again; absent: never" }),
      failureCode: z.string().optional(),
    })
    .openapi("Replica"),
);

const filters = z.strictObject({
  digest: digest.optional(),
  account: account.optional(),
  region: region.optional(),
  repository: repository.optional(),
  overdue: described("overdue", z.literal("true").optional()),
});

const route = createRoute({
  method: "get",
  path: "/replicas",
  operationId: "listReplicas",
  summary: "Copies that the registries' own replication rules promise",
  description:
    "Ask by `digest`, or by the destination (`account`, `region` and `repository` together), or for those that are `overdue`; without any of these the overdue ones are listed.",
  ...needs("viewer"),
  request: { query: z.strictObject({ ...filters.shape, ...paging }) },
  responses: {
    ...problems("invalid-cursor"),
    200: { description: "One page", content: jsonBody(() => pageOf(Replica())) },
  },
});

export function registerReplicas(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { limit, cursor, ...wanted } = c.req.valid("query");
    const filter = chooseFilter(wanted);
    const page = await readPage(c, deps, {
      operation: "listReplicas",
      limit,
      cursor,
      filters: wanted,
      read: (request) => deps.queries.listReplicas(filter, request),
    });
    const items = page.items.map(({ version: _, ...replica }) => replica);
    return c.json({ ...page, items }, 200);
  });
}

type ReplicaFilter = Parameters<InventoryQueries["listReplicas"]>[0];

/** Exactly one way to ask: an access pattern each, and no answer that quietly left a filter out. */
function chooseFilter(wanted: z.infer<typeof filters>): ReplicaFilter {
  const { account, region, repository, digest, overdue } = wanted;
  const destination = [account, region, repository].filter((it) => it !== undefined);
  const ways = [digest !== undefined, destination.length > 0, overdue !== undefined].filter(Boolean).length;
  if (ways > 1)
    throw new ProblemError(
      "invalid-parameter",
      "Ask either by digest, or by destination (account, region and repository), or for overdue=true; not for several at once.",
    );
  if (digest !== undefined) return { digest };
  if (destination.length === 0) return { overdue: true };
  if (account === undefined || region === undefined || repository === undefined)
    throw new ProblemError(
      "invalid-parameter",
      "A destination is named by account, region and repository together; one of them is missing.",
    );
  return { destination: { account, region, repository } };
}
