import { DeadLetterQueueNotFoundError, RedriveRunningError } from "@tallyman/domain/dead-letter/errors";
import { FenceConflictError } from "@tallyman/domain/inventory/errors";
import type { Log } from "@tallyman/observability/telemetry";
import type { ErrorHandler, NotFoundHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import type * as z from "zod";
import type { ApiEnv } from "./caller.ts";
import { InvalidCursorError } from "./cursor.ts";
import { ALLOWED } from "./parameters.ts";
import { type ParameterProblem, type ProblemCode, ProblemError, renderProblem } from "./problem.ts";

/** The one place where errors become answers. What nobody foresaw is logged whole and answered without its insides. */
export function onError(log: Log): ErrorHandler<ApiEnv> {
  return (error, c) => {
    const requestId = c.env.lambdaContext?.awsRequestId;
    const known = toProblem(error);
    if (known !== undefined) {
      if (known.cause !== undefined) log.warn("request refused", { path: c.req.path, error: known.cause });
      return renderProblem(c, known, requestId);
    }
    log.error("request failed", { method: c.req.method, path: c.req.path, error });
    const detail = "Try again; if it fails again, look for the instance id in the function's log.";
    return renderProblem(c, new ProblemError("internal", detail), requestId);
  };
}

export const onNotFound: NotFoundHandler<ApiEnv> = (c) => {
  const detail = `There is no ${c.req.method} ${c.req.path}; GET /api/openapi.json lists the routes.`;
  return renderProblem(c, new ProblemError("not-found", detail), c.env.lambdaContext?.awsRequestId);
};

function toProblem(error: Error): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  if (error instanceof InvalidCursorError) return new ProblemError("invalid-cursor", error.message);
  if (error instanceof DeadLetterQueueNotFoundError) return new ProblemError("not-found", error.message);
  if (error instanceof RedriveRunningError) return new ProblemError("conflict", error.message);
  if (error instanceof FenceConflictError)
    return new ProblemError("conflict", `${error.message} Nothing was changed by this request.`);
  if (error instanceof HTTPException) return httpProblem(error.status);
  return undefined;
}

/** What hono's validators throw themselves. */
function httpProblem(status: number): ProblemError | undefined {
  const known: Readonly<Record<number, readonly [ProblemCode, string]>> = {
    400: ["malformed-body", "Send one JSON document with the header content-type: application/json."],
    413: ["too-large", "Send at most 16 KiB."],
    415: ["unsupported-media-type", "Send JSON with the header content-type: application/json."],
  };
  const [code, detail] = known[status] ?? [];
  return code === undefined || detail === undefined ? undefined : new ProblemError(code, detail);
}

const PLACES: Readonly<Record<string, ParameterProblem["in"]>> = {
  query: "query",
  param: "path",
  json: "body",
};

type Validation =
  | { readonly success: true }
  | {
      readonly success: false;
      readonly target: string;
      /** What was given; hono's validator passes it without saying so in its type. */
      readonly data?: unknown;
      readonly error: { readonly issues: readonly z.core.$ZodIssue[] };
    };

/** A report of 20,000 items can be wrong in each. */
const MOST_PROBLEMS = 20;

/** Turns a failed validation into a problem that names every parameter and what it may be. */
export function onValidated(result: Validation): void {
  if (result.success) return;
  const place = PLACES[result.target] ?? "query";
  const all = result.error.issues.flatMap((issue) => parameterProblems(issue, place, result.data));
  const errors = all.slice(0, MOST_PROBLEMS);
  const detail = errors
    .map((it) => `${it.parameter}: ${it.problem}${it.allowed ? ` (allowed: ${it.allowed})` : ""}`)
    .join("; ");
  const more = all.length > errors.length ? `; and ${all.length - errors.length} more` : "";
  throw new ProblemError("invalid-parameter", `${detail}${more}.`, { errors });
}

function parameterProblems(
  issue: z.core.$ZodIssue,
  place: ParameterProblem["in"],
  given: unknown,
): readonly ParameterProblem[] {
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({
      in: place,
      parameter: [...issue.path.map(String), key.slice(0, 80)].join("."),
      problem: "this route has no such parameter",
    }));
  const parameter = issue.path.map(String).join(".") || place;
  const allowed = ALLOWED[parameter];
  const missing = issue.path.length > 0 && !isThere(given, issue.path);
  const problem = missing ? "is missing" : issue.message;
  return [{ in: place, parameter, problem, ...(allowed === undefined ? {} : { allowed }) }];
}

/** Whether the body or query that was given has anything at this place. */
function isThere(given: unknown, [key, ...rest]: readonly PropertyKey[]): boolean {
  if (key === undefined) return true;
  if (typeof given !== "object" || given === null || !Object.hasOwn(given, key)) return false;
  return isThere(Reflect.get(given, key), rest);
}
