import middy from "@middy/core";
import { handle, type LambdaContext, type LambdaEvent } from "hono/aws-lambda";
import { createApp } from "./app.ts";
import type { ApiDeps } from "./deps.ts";
import { groupOf, routesOf } from "./route-groups.ts";

type Answer = ReturnType<typeof handle>;

/** The admin API behind an HTTP API's payload format 2.0. */
export function createHandler(deps: ApiDeps) {
  const answerOf = answersByGroup(deps);
  const handler = middy(async (event: LambdaEvent, context: LambdaContext) => {
    const answer = await answerOf("rawPath" in event ? event.rawPath : event.path);
    return answer(event, context);
  });
  for (const layer of deps.telemetry.middleware) handler.use(layer);
  return handler;
}

/** One application for each group of routes, made when the group is first asked for. */
function answersByGroup(deps: ApiDeps): (path: string) => Promise<Answer> {
  const answers = new Map<string | undefined, Promise<Answer>>();
  return (path) => {
    const group = groupOf(path);
    const known = answers.get(group) ?? routesOf(group).then((routes) => handle(createApp(deps, routes)));
    answers.set(group, known);
    return known;
  };
}
