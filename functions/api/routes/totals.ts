import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Page, PageRequest } from "@tallyman/domain/inventory/ports";
import { type Counted, sumTotals, TOTALS_BY, type TotalsLine } from "@tallyman/domain/listing/sum-totals";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { documented, jsonBody } from "../documented.ts";
import { readPage } from "../paging.ts";
import { described, pageOf, paging } from "../parameters.ts";
import { ProblemError, problems } from "../problem.ts";

const Totals = documented(() =>
  z
    .object({
      name: z.string().openapi({ example: "111122223333/us-east-1" }),
      repositories: z.number().int(),
      images: z.number().int(),
      billedBytes: z.number().int().openapi({
        description: "What ECR bills: in each repository each layer once. Indexes have none of their own",
      }),
      tags: z.number().int().optional(),
      openViolations: z.number().int().optional(),
      sharedBytes: z.number().int().optional().openapi({
        description:
          "The part of billedBytes that other repositories of the same registry are billed for too",
      }),
      imagesOfUnknownSize: z.number().int().optional().openapi({
        description: "Images whose manifest is not known: what only they have is missing in billedBytes",
      }),
      monthlyCost: z.number().optional().openapi({ description: "USD at the policy's `inventory.prices`" }),
      asOf: z.string().openapi({ description: "When the oldest of what was added up was counted" }),
    })
    .openapi("Totals"),
);

const Uncounted = documented(() =>
  z
    .array(z.object({ account: z.string(), region: z.string() }))
    .openapi({ description: "Declared registries in which no reconcile has completed yet: in no line" }),
);

const LeftOut = documented(() =>
  z.array(z.string()).openapi({
    description:
      "By resource tag: keys with too many values in some registry, which are in none of its lines",
  }),
);

const route = createRoute({
  method: "get",
  path: "/totals",
  operationId: "listTotals",
  summary: "What registries hold and cost, added up by registry, account, Region or resource tag",
  description:
    "Counted whenever a reconcile of a registry completes that compared any repository. Repositories one by one: /repositories.",
  ...needs("viewer"),
  request: {
    query: z.strictObject({
      by: described("by", z.enum(TOTALS_BY).default("registry")),
      key: described("key", z.string().min(1).max(128).optional()),
      ...paging,
    }),
  },
  responses: {
    ...problems("invalid-cursor"),
    200: {
      description: "One page",
      content: jsonBody(() => pageOf(Totals()).extend({ uncounted: Uncounted(), leftOutKeys: LeftOut() })),
    },
  },
});

export function registerTotals(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { limit, cursor, by, key } = c.req.valid("query");
    if (key !== undefined && by !== "resource-tag")
      throw new ProblemError("invalid-parameter", "`key` is for by=resource-tag.");
    const { lines, uncounted, leftOutKeys } = sumTotals(await countedOf(deps), {
      by,
      prices: await deps.prices(),
      ...(key !== undefined && { key }),
    });
    const page = await readPage(c, deps, {
      operation: "listTotals",
      limit,
      cursor,
      filters: { by, key },
      read: async (request) => pageFrom(lines, request),
    });
    const absent = { uncounted: [...uncounted], leftOutKeys: [...leftOutKeys] };
    return c.json({ ...page, items: [...page.items], ...absent }, 200);
  });
}

const CONCURRENT_READS = 20;

async function countedOf({ declared, registries }: ApiDeps): Promise<readonly Counted[]> {
  const all = await declared.declaredRegistries();
  const counted: Counted[] = [];
  for (let from = 0; from < all.length; from += CONCURRENT_READS) {
    const some = all.slice(from, from + CONCURRENT_READS).map(async (registry) => ({
      registry,
      totals: await registries.findTotals(registry),
    }));
    counted.push(...(await Promise.all(some)));
  }
  return counted;
}

/** `next` is the name of the last line given. */
function pageFrom(lines: readonly TotalsLine[], { limit, next }: PageRequest): Page<TotalsLine> {
  const rest = lines.filter(({ name }) => next === undefined || name > next);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return rest.length > limit && last !== undefined ? { items, next: last.name } : { items };
}
