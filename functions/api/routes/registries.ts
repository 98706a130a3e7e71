import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Page, PageRequest } from "@tallyman/domain/inventory/ports";
import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import { registryState } from "@tallyman/domain/registry/registry-state";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import { declaredOne, declaredRegistries } from "../declared.ts";
import type { ApiDeps } from "../deps.ts";
import { jsonBody } from "../documented.ts";
import { readPage } from "../paging.ts";
import { account, pageOf, paging, region } from "../parameters.ts";
import { bodyProblems, problems } from "../problem.ts";
import { RegistryView, viewOf } from "./registry-shapes.ts";

const list = createRoute({
  method: "get",
  path: "/registries",
  operationId: "listRegistries",
  summary: "Every declared registry: last event, last reconcile, last check",
  ...needs("viewer"),
  request: { query: z.strictObject(paging) },
  responses: {
    ...problems("invalid-cursor", "unavailable"),
    200: { description: "One page", content: jsonBody(() => pageOf(RegistryView())) },
  },
});

const CheckRequest = z
  .strictObject({ registry: z.strictObject({ account, region }).optional() })
  .openapi("RegistryCheckRequest");

const check = createRoute({
  method: "post",
  path: "/registries/check",
  operationId: "checkRegistries",
  summary: "Look whether registries are watched as they should be: one of them, or all",
  description:
    "Each answer appears as the `check` of its registry in the list, under the `check` that this answer names.",
  ...needs("operator"),
  request: { body: { required: true, content: { "application/json": { schema: CheckRequest } } } },
  responses: {
    ...bodyProblems("not-found", "unavailable"),
    202: {
      description: "The checks are queued; the Location lists what they find",
      headers: z.object({ location: z.string() }),
      content: jsonBody(() =>
        z.object({ check: z.string(), registries: z.number().int(), askedAt: z.string() }),
      ),
    },
  },
});

export function registerRegistries(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(list, async (c) => {
    const { limit, cursor } = c.req.valid("query");
    const declared = await declaredRegistries(deps);
    const page = await readPage(c, deps, {
      operation: "listRegistries",
      limit,
      cursor,
      filters: {},
      read: async (request) => pageOfDeclared(declared, request),
    });
    const now = deps.now();
    const states = await Promise.all(page.items.map((registry) => registryState(deps, registry, now)));
    return c.json({ ...page, items: states.map(viewOf) }, 200);
  });

  app.openapi(check, async (c) => {
    const wanted = c.req.valid("json").registry;
    const declared = await declaredRegistries(deps);
    const registries = wanted === undefined ? declared : [declaredOne(declared, wanted)];
    const id = c.env.lambdaContext.awsRequestId;
    const askedAt = deps.now().toISOString();
    await deps.checks.send(id, registries);
    const by = c.get("caller").arn;
    deps.telemetry.log.info("registry check asked for", { check: id, registries: registries.length, by });
    return c.json({ check: id, registries: registries.length, askedAt }, 202, {
      location: "/api/v1/registries",
    });
  });
}

/** By name, after the one that the page before ended with: a deployment in between neither repeats nor skips one. */
function pageOfDeclared(declared: readonly Registry[], { limit, next = "" }: PageRequest): Page<Registry> {
  const rest = declared
    .filter((registry) => registryName(registry) > next)
    .toSorted((a, b) => (registryName(a) < registryName(b) ? -1 : 1));
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return last && rest.length > limit ? { items, next: registryName(last) } : { items };
}
