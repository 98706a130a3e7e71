import middy from "@middy/core";
import { handle, type LambdaContext, type LambdaEvent } from "hono/aws-lambda";
import { createApp } from "./app.ts";
import type { ApiDeps } from "./deps.ts";

/** The admin API behind an HTTP API's payload format 2.0. */
export function createHandler(deps: ApiDeps) {
  const answer = handle(createApp(deps));
  const handler = middy((event: LambdaEvent, context: LambdaContext) => answer(event, context));
  for (const layer of deps.telemetry.middleware) handler.use(layer);
  return handler;
}
