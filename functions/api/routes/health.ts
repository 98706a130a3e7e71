import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import type { Registry as RegistryRef } from "@tallyman/domain/registry/registry";
import { staleness } from "@tallyman/domain/registry/staleness";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { documented, jsonBody } from "../documented.ts";
import { problems } from "../problem.ts";
import { BrakeState } from "./brake.ts";

const Readable = documented(() =>
  z.object({
    readable: z.boolean(),
    problem: z
      .string()
      .optional()
      .openapi({ description: "The kind of failure; the function's log has the rest" }),
  }),
);

const Registry = documented(() =>
  z.object({
    account: z.string(),
    region: z.string(),
    stale: z.boolean().optional().openapi({
      description: "What is listed of it may be wrong; absent when that cannot be read",
    }),
    staleReason: z.string().optional(),
  }),
);

const Health = documented(() =>
  z
    .object({
      status: z.enum(["ok", "degraded"]),
      asOf: z.string(),
      table: Readable(),
      policy: Readable(),
      brake: BrakeState().optional().openapi({
        description: "Absent when the table cannot be read: then nothing acts",
      }),
      declared: Readable(),
      registries: z.array(Registry()).openapi({
        description: "The registries declared at deploy time; none when they cannot be read",
      }),
    })
    .openapi("Health"),
);

const content = jsonBody(Health);
const route = createRoute({
  method: "get",
  path: "/health",
  operationId: "getHealth",
  summary: "What is known about the control plane itself",
  ...needs("viewer", { evenWithoutPolicy: true }),
  responses: {
    ...problems(),
    200: { description: "Everything that the API stands on answers", content },
    503: { description: "Something does not", content },
  },
});

export function registerHealth(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const [brake, policy, declared] = await Promise.all([
      probe(deps, "table", () => deps.brake.readBrake()),
      probe(deps, "policy", () => deps.readAccess()),
      probe(deps, "declared registries", () => deps.declared.declaredRegistries()),
    ]);
    const ok = brake.state.readable && policy.state.readable && declared.state.readable;
    const body = {
      asOf: deps.now().toISOString(),
      table: brake.state,
      policy: policy.state,
      ...(brake.value === undefined ? {} : { brake: brake.value }),
      declared: declared.state,
      registries: await withStaleness(deps, declared.value ?? []),
    };
    return ok
      ? c.json({ status: "ok" as const, ...body }, 200)
      : c.json({ status: "degraded" as const, ...body }, 503);
  });
}

type RegistryHealth = z.infer<ReturnType<typeof Registry>>;

/** A registry that is stale does not make the control plane degraded: everything else is as it should be. */
async function withStaleness(deps: ApiDeps, registries: readonly RegistryRef[]): Promise<RegistryHealth[]> {
  const runs = await probe(deps, "registries' runs", () =>
    Promise.all(registries.map((registry) => deps.registries.findRun(registry))),
  );
  const now = deps.now();
  return registries.map((registry, i) => {
    if (runs.value === undefined) return { ...registry };
    const state = staleness(runs.value[i], now);
    return { ...registry, stale: state.stale, ...(state.stale && { staleReason: state.reason }) };
  });
}

type Probe<T> = { readonly state: z.infer<ReturnType<typeof Readable>>; readonly value?: T };

async function probe<T>(deps: ApiDeps, what: string, read: () => Promise<T>): Promise<Probe<T>> {
  try {
    return { state: { readable: true }, value: await read() };
  } catch (error) {
    deps.telemetry.log.error("health probe failed", { what, error });
    return { state: { readable: false, problem: error instanceof Error ? error.name : "unknown" } };
  }
}
