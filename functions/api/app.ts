import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { type ApiEnv, identifyCaller } from "./caller.ts";
import type { ApiDeps } from "./deps.ts";
import { onError, onNotFound, onValidated } from "./errors.ts";
import { ProblemError } from "./problem.ts";
import type { RegisterRoutes } from "./route-groups.ts";

const KIB = 1024;
const BODY_BYTES = 16 * KIB;
/** A report of usage is the one large thing that anybody sends. */
const REPORT_BYTES = 5 * KIB * KIB;

const DOCUMENT = {
  openapi: "3.1.0",
  info: {
    title: "Tallyman admin API",
    version: "1",
    description:
      "Requests are signed with AWS Signature Version 4 for `execute-api`. Every operation names the right it needs in `x-tallyman-right`. Times are ISO 8601, UTC.",
  },
} as const;

/** The admin API, with these of its routes, as a web-standard application; `handler.ts` puts it behind Lambda. */
export function createApp(deps: ApiDeps, routes: readonly RegisterRoutes[]): OpenAPIHono<ApiEnv> {
  const v1 = new OpenAPIHono<ApiEnv>({ defaultHook: onValidated });
  for (const register of routes) register(v1, deps);

  const app = new OpenAPIHono<ApiEnv>();
  app.onError(onError(deps.telemetry.log));
  app.notFound(onNotFound);
  app.use(async (c, next) => {
    await next();
    // Answers depend on who asks and on now; nothing in between may keep or reinterpret them.
    c.header("cache-control", "no-store");
    c.header("x-content-type-options", "nosniff");
  });
  app.use(identifyCaller(deps));
  const usual = bodyLimit({ maxSize: BODY_BYTES, onError: refuseBody(BODY_BYTES) });
  const ofReport = bodyLimit({ maxSize: REPORT_BYTES, onError: refuseBody(REPORT_BYTES) });
  app.use((c, next) => (isReport(c.req) ? ofReport(c, next) : usual(c, next)));
  app.route("/api/v1", v1);
  app.get("/api/openapi.json", (c) => c.json(app.getOpenAPI31Document(DOCUMENT)));
  return app;
}

function isReport({ method, path }: { readonly method: string; readonly path: string }): boolean {
  return method === "PUT" && path.startsWith("/api/v1/usage/");
}

function refuseBody(most: number): () => never {
  return () => {
    throw new ProblemError("too-large", `Send at most ${most / KIB} KiB.`);
  };
}
