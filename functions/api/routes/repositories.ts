import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { RepositorySummary } from "@tallyman/domain/inventory/records";
import { monthlyCost, type StoragePrices } from "@tallyman/domain/listing/monthly-cost";
import { repositoryStaleness } from "@tallyman/domain/reconcile/repository-staleness";
import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { documented, jsonBody } from "../documented.ts";
import { readFiltered, readPage } from "../paging.ts";
import { account, described, pageOf, paging, region } from "../parameters.ts";
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
      billedBytes: z.number().int().optional().openapi({
        description: "What ECR bills: each layer once. Absent until it is first counted",
      }),
      archivedBytes: z.number().int().optional().openapi({
        description: "The part of it that only archived images have",
      }),
      imagesOfUnknownSize: z.number().int().optional().openapi({
        description: "Images whose manifest is not known: what only they have is missing in billedBytes",
      }),
      monthlyCost: z.number().optional().openapi({ description: "USD at the policy's `inventory.prices`" }),
      resourceTags: z.record(z.string(), z.string()).optional(),
      lastEventAt: z.string().optional(),
      goneAt: z.string().optional().openapi({ description: "When it was first seen to be gone" }),
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
  description: "With a filter a page can hold fewer items than asked for, even none, and have a `next`.",
  ...needs("viewer"),
  request: {
    query: z.strictObject({
      account: account.optional(),
      region: region.optional(),
      stale: described("stale", z.literal("true").optional()),
      ...paging,
    }),
  },
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
    const { limit, cursor, ...wanted } = c.req.valid("query");
    const prices = await deps.prices();
    const page = await readPage(c, deps, {
      operation: "listRepositories",
      limit,
      cursor,
      filters: wanted,
      read: (request) =>
        readFiltered(
          async (at) => {
            const { items, ...rest } = await deps.queries.listRepositories(at);
            return { ...rest, items: await viewsOf(deps, items, prices) };
          },
          request,
          (it) => matches(it, wanted),
        ),
    });
    return c.json({ ...page, items: [...page.items] }, 200);
  });
}

type Wanted = {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  readonly stale?: "true" | undefined;
};

function matches(it: Registry & { readonly stale: boolean }, wanted: Wanted): boolean {
  if (wanted.stale !== undefined && !it.stale) return false;
  return (["account", "region"] as const).every((name) => [undefined, it[name]].includes(wanted[name]));
}

/** Each registry of the page is asked for once. */
async function viewsOf(deps: ApiDeps, summaries: readonly RepositorySummary[], prices: StoragePrices) {
  const registries = new Map(summaries.map((summary) => [registryName(summary), summary]));
  const runs = new Map(
    await Promise.all(
      [...registries].map(async ([name, of]) => [name, await deps.registries.findRun(of)] as const),
    ),
  );
  const now = deps.now();
  return summaries.map(({ version, ...summary }) => {
    const state = repositoryStaleness({ ...summary, version }, runs.get(registryName(summary)), now);
    return {
      ...summary,
      ...costOf(summary, prices),
      stale: state.stale,
      ...(state.stale && { staleReason: state.reason }),
    };
  });
}

function costOf(
  { billedBytes, archivedBytes = 0 }: Pick<RepositorySummary, "billedBytes" | "archivedBytes">,
  prices: StoragePrices,
) {
  return billedBytes === undefined
    ? {}
    : { monthlyCost: monthlyCost({ billedBytes, archivedBytes }, prices) };
}
