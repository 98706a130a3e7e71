import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { documented, jsonBody } from "../documented.ts";
import { readPage } from "../paging.ts";
import { described, pageOf, paging } from "../parameters.ts";
import { problems } from "../problem.ts";

const AuditEntry = documented(() =>
  z
    .object({
      id: z.string(),
      at: z.string(),
      sequence: z
        .number()
        .int()
        .openapi({ description: "Orders what shares its time: an intent, then its outcome" }),
      actor: z.string(),
      action: z.string().openapi({ example: "brake.set" }),
      subject: z.string(),
      reason: z.string(),
      details: z.record(z.string(), z.unknown()),
    })
    .openapi("AuditEntry"),
);

const route = createRoute({
  method: "get",
  path: "/audit",
  operationId: "listAudit",
  summary: "What was done in one UTC day, by whom and why, newest first",
  ...needs("viewer"),
  request: { query: z.strictObject({ day: described("day", z.iso.date().optional()), ...paging }) },
  responses: {
    ...problems("invalid-cursor"),
    200: { description: "One page", content: jsonBody(() => pageOf(AuditEntry())) },
  },
});

export function registerAudit(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { limit, cursor, day = deps.now().toISOString().slice(0, 10) } = c.req.valid("query");
    const page = await readPage(c, deps, {
      operation: "listAudit",
      limit,
      cursor,
      filters: { day },
      read: (request) => deps.queries.listAudit(day, request),
    });
    return c.json({ ...page, items: [...page.items] }, 200);
  });
}
