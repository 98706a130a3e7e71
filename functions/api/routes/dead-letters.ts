import { createRoute, type OpenAPIHono } from "@hono/zod-openapi";
import * as z from "zod";
import { type ApiEnv, needs } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { documented, jsonBody } from "../documented.ts";
import { described } from "../parameters.ts";
import { problems } from "../problem.ts";

const DeadLetterQueue = documented(() =>
  z
    .object({
      name: z.string(),
      messages: z.number().int().openapi({ description: "Approximate, as SQS counts" }),
    })
    .openapi("DeadLetterQueue"),
);

const Redrive = documented(() =>
  z
    .object({
      state: z.enum(["running", "completed", "cancelling", "cancelled", "failed"]),
      startedAt: z.string(),
      moved: z.number().int(),
      toMove: z.number().int().optional(),
      failureReason: z.string().optional(),
    })
    .openapi("Redrive"),
);

const params = z.object({ queue: described("queue", z.string().regex(/^[\w-]{1,80}(\.fifo)?$/)) });

const list = createRoute({
  method: "get",
  path: "/dead-letters",
  operationId: "listDeadLetters",
  summary: "Every dead-letter queue and how many messages lie in it",
  ...needs("viewer"),
  responses: {
    ...problems(),
    200: {
      description: "All queues",
      content: jsonBody(() => z.object({ items: z.array(DeadLetterQueue()) })),
    },
  },
});

const redrive = createRoute({
  method: "post",
  path: "/dead-letters/{queue}/redrive",
  operationId: "redrive",
  summary: "Move the messages of a dead-letter queue back to the queue they came from",
  ...needs("operator"),
  request: { params },
  responses: {
    ...problems("not-found", "conflict"),
    202: {
      description: "SQS moves them; the Location tells how far it is",
      headers: z.object({ location: z.string() }),
      content: jsonBody(() => z.object({ queue: z.string(), task: z.string() })),
    },
  },
});

const redrives = createRoute({
  method: "get",
  path: "/dead-letters/{queue}/redrive",
  operationId: "listRedrives",
  summary: "The latest moves of a dead-letter queue, newest first; SQS remembers ten",
  ...needs("viewer"),
  request: { params },
  responses: {
    ...problems("not-found"),
    200: {
      description: "The latest moves",
      content: jsonBody(() => z.object({ items: z.array(Redrive()) })),
    },
  },
});

export function registerDeadLetters(app: OpenAPIHono<ApiEnv>, deps: ApiDeps): void {
  app.openapi(list, async (c) => c.json({ items: [...(await deps.deadLetters.list())] }, 200));
  app.openapi(redrives, async (c) =>
    c.json({ items: [...(await deps.deadLetters.listRedrives(c.req.valid("param").queue))] }, 200),
  );
  app.openapi(redrive, async (c) => {
    const { queue } = c.req.valid("param");
    const task = await startRedrive(deps, queue, c.get("caller").arn);
    return c.json({ queue, task }, 202, { location: `/api/v1/dead-letters/${queue}/redrive` });
  });
}

/** Said before it is done, then closed: a crash in between leaves the intent in the trail, never an unnamed move. */
async function startRedrive(deps: ApiDeps, queue: string, actor: string): Promise<string> {
  const at = deps.now().toISOString();
  const entry = { at, actor, subject: queue, reason: "asked for through the admin API" };
  const append = (action: string, sequence: number, details: Record<string, unknown>) =>
    deps.audit.append({ ...entry, sequence, id: `${action}#${queue}#${at}#${actor}`, action, details });
  await append("dead-letters.redrive-requested", 0, {});
  try {
    const { task } = await deps.deadLetters.redrive(queue);
    await append("dead-letters.redrive-started", 1, { task });
    return task;
  } catch (error) {
    await append("dead-letters.redrive-refused", 1, {
      problem: error instanceof Error ? error.name : "unknown",
    });
    throw error;
  }
}
