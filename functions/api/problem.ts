import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import * as z from "zod";
import { documented } from "./documented.ts";

/** One parameter that is not what the route takes. */
export const ParameterProblem = documented(() =>
  z
    .object({
      in: z.enum(["query", "path", "body"]),
      parameter: z.string().openapi({ example: "limit" }),
      problem: z.string(),
      allowed: z.string().optional().openapi({ example: "a whole number from 1 to 100" }),
    })
    .openapi("ParameterProblem"),
);
export type ParameterProblem = z.infer<ReturnType<typeof ParameterProblem>>;

/** RFC 9457. `type` is stable and meant for programs; `detail` says what to do next. */
export const Problem = documented(() =>
  z
    .object({
      type: z.string().openapi({ example: "urn:tallyman:problem:invalid-parameter" }),
      title: z.string(),
      status: z.number().int(),
      detail: z.string(),
      /** Id of the request, as the log has it. */
      instance: z.string().optional(),
      errors: z.array(ParameterProblem()).optional(),
    })
    .openapi("Problem"),
);
export type Problem = z.infer<ReturnType<typeof Problem>>;

const TITLES = {
  "invalid-parameter": [400, "A parameter is not valid"],
  "invalid-cursor": [400, "The cursor does not continue this query"],
  "malformed-body": [400, "The body is not JSON"],
  unauthenticated: [401, "The request carries no IAM identity"],
  forbidden: [403, "This principal lacks the right that the route needs"],
  "not-found": [404, "Nothing is known under this name"],
  conflict: [409, "Someone else was first"],
  "not-counted": [409, "The repository is not counted yet"],
  "too-large": [413, "The body is too large"],
  "unsupported-media-type": [415, "The body must be JSON"],
  internal: [500, "The request failed on our side"],
  unavailable: [503, "Something that the answer depends on cannot be read"],
} as const satisfies Record<string, readonly [ContentfulStatusCode, string]>;
export type ProblemCode = keyof typeof TITLES;

/** Thrown by a route, rendered at the border. `detail` is for people and says what to do next. */
export class ProblemError extends Error {
  readonly code: ProblemCode;
  readonly errors: readonly ParameterProblem[];

  constructor(
    code: ProblemCode,
    detail: string,
    options: ErrorOptions & { errors?: readonly ParameterProblem[] } = {},
  ) {
    super(detail, options);
    this.name = "ProblemError";
    this.code = code;
    this.errors = options.errors ?? [];
  }
}

/** The answer `application/problem+json` for an error; `instance` is the request's id. */
export function renderProblem(c: Context, error: ProblemError, instance?: string): Response {
  const [status, title] = TITLES[error.code];
  const body: Problem = {
    type: `urn:tallyman:problem:${error.code}`,
    title,
    status,
    detail: error.message,
    ...(instance === undefined ? {} : { instance }),
    ...(error.errors.length === 0 ? {} : { errors: [...error.errors] }),
  };
  return c.body(JSON.stringify(body), status, { "content-type": "application/problem+json" });
}

const PROBLEM = {
  "application/problem+json": {
    get schema() {
      return Problem();
    },
  },
};

/** The problem statuses a route can answer, for its OpenAPI description. */
export function problems(...codes: readonly ProblemCode[]) {
  const always: readonly ProblemCode[] = ["invalid-parameter", "unauthenticated", "forbidden", "internal"];
  const described = [...always, ...codes].map((code) => {
    const [status, description] = TITLES[code];
    return [status, { description, content: PROBLEM }] as const;
  });
  return Object.fromEntries(described);
}

/** Of an operation that takes a JSON body: what may be wrong with that, besides `codes`. */
export function bodyProblems(...codes: readonly ProblemCode[]) {
  return problems("malformed-body", "too-large", "unsupported-media-type", ...codes);
}
