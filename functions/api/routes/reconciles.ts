import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { askReconcile, registriesWith } from "@tallyman/domain/reconcile/ask-reconcile";
import { runProgress } from "@tallyman/domain/reconcile/run-progress";
import { type Registry, registryName } from "@tallyman/domain/registry/registry";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import { declaredOne, declaredRegistries } from "../declared.ts";
import type { ApiDeps } from "../deps.ts";
import { documented, jsonBody } from "../documented.ts";
import { account, described, region, repository } from "../parameters.ts";
import { bodyProblems, ProblemError, problems } from "../problem.ts";

const Progress = documented(() =>
  z.object({
    account: z.string(),
    region: z.string(),
    state: z.enum(["waiting", "running", "failing", "completed", "incomplete"]).openapi({
      description:
        "failing: it cannot go on now and is tried again for some minutes; incomplete: over, but for what `reason` says",
    }),
    repositories: z.number().int().optional(),
    compared: z.number().int().optional(),
    failed: z.number().int().optional(),
    reason: z.string().optional(),
    listedAt: z.string().optional(),
    endedAt: z.string().optional(),
  }),
);

const Reconcile = documented(() =>
  z
    .object({
      run: z.string(),
      state: z.enum(["running", "failing", "completed", "incomplete"]),
      by: z.string().optional().openapi({ description: "Absent: a schedule" }),
      at: z.string().optional(),
      repository: z.string().optional(),
      registries: z.array(Progress()),
    })
    .openapi("Reconcile"),
);

const ReconcileRequest = z
  .strictObject({
    registry: z.strictObject({ account, region }).optional(),
    repository: repository.optional(),
  })
  .openapi("ReconcileRequest");

const start = createRoute({
  method: "post",
  path: "/reconciles",
  operationId: "startReconcile",
  summary: "Compare registries with the inventory now: all, one, or one repository",
  description: "A repository without a registry is compared in every registry that is known to have it.",
  ...needs("operator"),
  request: { body: { required: true, content: { "application/json": { schema: ReconcileRequest } } } },
  responses: {
    ...bodyProblems("not-found", "unavailable"),
    202: {
      description: "It is queued; the Location tells how far it is",
      headers: z.object({ location: z.string() }),
      content: jsonBody(() =>
        z.object({
          run: z.string(),
          registries: z.array(z.object({ account: z.string(), region: z.string() })),
        }),
      ),
    },
  },
});

const params = z.object({ run: described("run", z.string().min(1).max(200)) });

const read = createRoute({
  method: "get",
  path: "/reconciles/{run}",
  operationId: "getReconcile",
  summary: "How far a reconcile has come, registry by registry; known for a month",
  ...needs("viewer"),
  request: { params },
  responses: {
    ...problems("not-found"),
    200: { description: "The reconcile", content: jsonBody(Reconcile) },
  },
});

export function registerReconciles(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(start, async (c) => {
    const wanted = c.req.valid("json");
    const registries = await chosen(deps, wanted);
    const by = c.get("caller").arn;
    const run = `asked-${c.env.lambdaContext.awsRequestId}`;
    const only = wanted.repository === undefined ? {} : { repository: wanted.repository };
    await askReconcile(deps, { run, by, at: deps.now().toISOString(), registries, ...only });
    deps.telemetry.log.info("reconcile asked for", {
      run,
      by,
      registries: registries.map(registryName),
      ...only,
    });
    return c.json({ run, registries: [...registries] }, 202, { location: `/api/v1/reconciles/${run}` });
  });

  app.openapi(read, async (c) => {
    const { run } = c.req.valid("param");
    const progress = await runProgress(deps, run);
    if (progress === undefined)
      throw new ProblemError("not-found", "No reconcile of this name is known; they are for a month.");
    return c.json({ ...progress, registries: [...progress.registries] }, 200);
  });
}

type Wanted = { readonly registry?: Registry | undefined; readonly repository?: string | undefined };

async function chosen(deps: ApiDeps, { registry, repository }: Wanted): Promise<readonly Registry[]> {
  const declared = await declaredRegistries(deps);
  if (registry !== undefined) return [declaredOne(declared, registry)];
  if (repository === undefined) return declared;
  const knowing = await registriesWith(deps, declared, repository);
  if (knowing.length > 0) return knowing;
  const detail = `No registry is known to have "${repository}". Check the spelling, or name the registry in which it is new.`;
  throw new ProblemError("not-found", detail);
}
