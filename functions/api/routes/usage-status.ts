import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Page, PageRequest } from "@tallyman/domain/inventory/ports";
import type { RepositorySummary } from "@tallyman/domain/inventory/records";
import { doubtFinder } from "@tallyman/domain/usage/doubts-of";
import { readEvidence } from "@tallyman/domain/usage/known-evidence";
import { type ScopeStatus, sourcesStatus } from "@tallyman/domain/usage/usage-status";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import { declaredRegistries } from "../declared.ts";
import type { ApiDeps } from "../deps.ts";
import { documented, jsonBody } from "../documented.ts";
import { readFiltered, readPage } from "../paging.ts";
import { described, pageOf, paging, scope, source } from "../parameters.ts";
import { ProblemError, problems } from "../problem.ts";
import { assertSource, needsViewerOrSource, readUsagePolicy } from "../usage-source.ts";
import { Doubted, doubtsView, ScopeView, scopeView } from "./usage-shapes.ts";

const Blocked = documented(() =>
  z
    .object({ account: z.string(), region: z.string(), repository: z.string(), ...Doubted() })
    .openapi("BlockedRepository"),
);

const blocked = createRoute({
  method: "get",
  path: "/usage",
  operationId: "listBlockedRepositories",
  summary: "Repositories of which it is not known what runs: why, and what would end it",
  description:
    "Nothing of them counts as unused. A page can hold fewer items than asked for, even none, and have a `next`. `sources` says how the scopes stand that must report.",
  ...needs("viewer"),
  request: { query: z.strictObject(paging) },
  responses: {
    ...problems("invalid-cursor", "unavailable"),
    200: {
      description: "One page",
      content: jsonBody(() =>
        pageOf(Blocked()).extend({
          asOf: z.string(),
          sources: z.object({ scopes: z.number().int(), inDoubt: z.number().int() }),
        }),
      ),
    },
  },
});

const scopes = (deps: ApiDeps) =>
  createRoute({
    method: "get",
    path: "/usage/{source}",
    operationId: "listUsageScopes",
    summary: "Every scope of a source that must report: how old its report is, why it is not believed",
    description: "Also for the principal that the policy binds to the source, whatever other right it holds.",
    ...needsViewerOrSource(deps),
    request: { params: z.object({ source }), query: z.strictObject(paging) },
    responses: {
      ...problems("invalid-cursor", "not-found", "unavailable"),
      200: { description: "One page, those in doubt first", content: jsonBody(() => pageOf(ScopeView())) },
    },
  });

const one = (deps: ApiDeps) =>
  createRoute({
    method: "get",
    path: "/usage/{source}/{scope}",
    operationId: "findUsageScope",
    summary: "One scope of a source",
    description: "Also for the principal that the policy binds to the source, whatever other right it holds.",
    ...needsViewerOrSource(deps),
    request: { params: z.object({ source, scope: described("scope", scope) }) },
    responses: {
      ...problems("not-found", "unavailable"),
      200: { description: "How it stands", content: jsonBody(ScopeView) },
    },
  });

export function registerUsageStatus(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(blocked, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const now = deps.now();
    const evidence = await evidenceOf(deps);
    const statuses = sourcesStatus(evidence, now);
    const doubts = doubtFinder(evidence, now);
    const page = await readPage(c, deps, {
      operation: "listBlockedRepositories",
      limit,
      cursor,
      filters: {},
      read: (request) =>
        readFiltered(
          async (at) => withDoubts(await deps.queries.listRepositories(at), doubts),
          request,
          (it) => it.doubts.length > 0,
        ),
    });
    const items = page.items.map(({ doubts: found, ...ref }) => ({ ...ref, ...doubtsView(found) }));
    const inDoubt = statuses.filter((it) => it.doubts.length > 0).length;
    const sources = { scopes: statuses.length, inDoubt };
    return c.json({ ...page, items, asOf: now.toISOString(), sources }, 200);
  });

  app.openapi(scopes(deps), async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const { source: name } = c.req.valid("param");
    const page = await readPage(c, deps, {
      operation: "listUsageScopes",
      limit,
      cursor,
      filters: { source: name },
      read: async (request) => part(await scopesOf(deps, name), request),
    });
    return c.json({ ...page, items: page.items.map(scopeView) }, 200);
  });

  // A scope may have slashes, which OpenAPI's templates do not know: described as it is, routed as it has to be.
  const route = one(deps);
  app.openAPIRegistry.registerPath(route);
  app.get("/usage/:source/:scope{.+}", route.middleware, async (c) => {
    const { source: name, scope: wanted } = c.req.param();
    const found = (await scopesOf(deps, name)).find((it) => it.scope === wanted);
    if (found) return c.json(scopeView(found), 200);
    const detail = `"${name}" has no scope ${wanted}; GET /api/v1/usage/${name} lists those it has.`;
    throw new ProblemError("not-found", detail);
  });
}

/** Everything that is known of the sources, as of now. */
export async function evidenceOf(deps: ApiDeps) {
  const [declared, usage, stores] = await Promise.all([
    declaredRegistries(deps),
    readUsagePolicy(deps),
    deps.usageStores(),
  ]);
  return readEvidence(stores, declared, usage);
}

async function scopesOf(deps: ApiDeps, name: string): Promise<readonly ScopeStatus[]> {
  await assertSource(deps, name);
  return sourcesStatus(await evidenceOf(deps), deps.now()).filter((it) => it.source === name);
}

function withDoubts({ items, ...rest }: Page<RepositorySummary>, doubts: ReturnType<typeof doubtFinder>) {
  const shown = items.map(({ account, region, repository, goneAt }) => {
    const ref = { account, region, repository };
    return { ...ref, doubts: goneAt === undefined ? doubts(ref) : [] };
  });
  return { ...rest, items: shown };
}

/** Scopes come and go seldom: the number of those that were given says where to go on. */
function part<T>(all: readonly T[], { limit, next = "0" }: PageRequest): Page<T> {
  const from = Number(next);
  const items = all.slice(from, from + limit);
  return from + limit < all.length ? { items, next: String(from + limit) } : { items };
}
