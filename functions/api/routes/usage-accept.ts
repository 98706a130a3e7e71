import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { acceptSuspect } from "@tallyman/domain/usage/accept-suspect";
import { NotSuspectError } from "@tallyman/domain/usage/errors";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { jsonBody } from "../documented.ts";
import { described, scope, source } from "../parameters.ts";
import { bodyProblems, ProblemError } from "../problem.ts";
import { assertSource } from "../usage-source.ts";
import { scopePath } from "./usage-shapes.ts";

const AcceptRequest = z
  .strictObject({
    scope,
    sequence: described("sequence", z.number().int().min(1)),
    reason: described("reason", z.string().trim().min(1).max(500).default("no reason given")),
  })
  .openapi("UsageAcceptRequest");

const route = createRoute({
  method: "post",
  path: "/usage/{source}/accept",
  operationId: "acceptUsage",
  summary: "Believe a suspect report: what it does not name is then not used there",
  description:
    "Of the report that was looked at (`sequence`): another that came since is not accepted with it.",
  ...needs("operator"),
  request: {
    params: z.object({ source }),
    body: { required: true, content: { "application/json": { schema: AcceptRequest } } },
  },
  responses: {
    ...bodyProblems("not-found", "conflict", "unavailable"),
    202: {
      description: "It is applied at once; the Location tells when it is in force",
      headers: z.object({ location: z.string() }),
      content: jsonBody(() =>
        z.object({ source: z.string(), scope: z.string(), sequence: z.number().int() }),
      ),
    },
  },
});

export function registerUsageAccept(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { source: name } = c.req.valid("param");
    const accepted = c.req.valid("json");
    await assertSource(deps, name);
    const { states, queue } = await deps.usageStores();
    const by = c.get("caller").arn;
    try {
      await acceptSuspect({ states, audit: deps.audit }, { ...accepted, source: name, by, now: deps.now() });
    } catch (error) {
      if (error instanceof NotSuspectError) throw new ProblemError("conflict", error.message);
      throw error;
    }
    const { scope: of, sequence } = accepted;
    const asked = c.env.lambdaContext.awsRequestId;
    await queue.send({ kind: "apply", source: name, scope: of, sequence, asked });
    deps.telemetry.log.info("usage accepted", { source: name, scope: of, sequence, by });
    return c.json({ source: name, scope: of, sequence }, 202, { location: scopePath(name, of) });
  });
}
