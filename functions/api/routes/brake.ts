import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import { setBrake } from "@tallyman/domain/brake/set-brake";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { documented, jsonBody } from "../documented.ts";
import { described } from "../parameters.ts";
import { bodyProblems, problems } from "../problem.ts";

export const BrakeState = documented(() =>
  z
    .object({
      on: z.boolean(),
      reason: z.string(),
      by: z.string(),
      at: z.string(),
      version: z.number().int(),
    })
    .openapi("Brake", { description: "While it is on, nothing writes to any registry" }),
);

const BrakeRequest = z
  .strictObject({
    on: described("on", z.boolean()),
    reason: described("reason", z.string().trim().min(1).max(500)),
  })
  .openapi("BrakeRequest");

const content = jsonBody(BrakeState);

const read = createRoute({
  method: "get",
  path: "/brake",
  operationId: "getBrake",
  summary: "Whether writes to registries are stopped, since when, by whom and why",
  ...needs("viewer"),
  responses: { ...problems(), 200: { description: "The brake", content } },
});

const write = createRoute({
  method: "post",
  path: "/brake",
  operationId: "setBrake",
  summary: "Stop every write to every registry, or let writes happen again",
  description:
    "Pausing wins over concurrent changes; resuming answers 409 when the brake changed in between.",
  ...needs("operator"),
  request: { body: { required: true, content: { "application/json": { schema: BrakeRequest } } } },
  responses: {
    ...bodyProblems("conflict"),
    200: { description: "The brake as it now stands", content },
  },
});

export function registerBrake(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(read, async (c) => c.json(await deps.brake.readBrake(), 200));
  app.openapi(write, async (c) => {
    const by = c.get("caller").arn;
    const brake = await setBrake(deps, { ...c.req.valid("json"), by, at: deps.now().toISOString() });
    deps.telemetry.log.info("brake set", { on: brake.on, by, version: brake.version });
    return c.json(brake, 200);
  });
}
