import type * as z from "zod";
import { CommandError, EXIT } from "../errors.ts";
import { Page, Problem } from "./answers.ts";
import { type CredentialOptions, type Credentials, findCredentials } from "./credentials.ts";
import type { Endpoint } from "./endpoint.ts";
import { signedHeaders, urlOf } from "./sign.ts";

export type Query = Readonly<Record<string, string | undefined>>;

/** The API answered with a problem. */
export class ProblemAnswer extends CommandError {
  readonly problem: Problem;

  constructor(problem: Problem, hint = "") {
    const exitCode = problem.type.endsWith(":invalid-parameter") ? EXIT.usage : EXIT.problem;
    const instance = problem.instance === undefined ? "" : ` (request ${problem.instance})`;
    super(`${problem.title}: ${problem.detail}${problem.status >= 500 ? instance : ""}${hint}`, { exitCode });
    this.name = "ProblemAnswer";
    this.problem = problem;
  }
}

/** The admin API. Every method throws a CommandError that says what to do. */
export type ApiClient = {
  readonly endpoint: Endpoint;
  get<T>(schema: z.ZodType<T>, path: string, query?: Query): Promise<T>;
  /** Like get; a 503 is an answer too when it has this shape. */
  getState<T>(schema: z.ZodType<T>, path: string): Promise<T>;
  post<T>(schema: z.ZodType<T>, path: string, body?: unknown): Promise<T>;
  put<T>(schema: z.ZodType<T>, path: string, body: unknown): Promise<T>;
  /** Every item of a list, page by page; `onPage` is given what a page says beside its items. */
  list<T>(schema: z.ZodType<T>, path: string, query?: Query, onPage?: (page: Page) => void): AsyncIterable<T>;
};

const TIMEOUT_MS = 35_000;
const PAGE_SIZE = "100";

export function apiClient(options: CredentialOptions): ApiClient {
  let credentials: Promise<Credentials> | undefined;

  async function send(method: string, url: URL, body?: unknown): Promise<Response> {
    credentials ??= findCredentials(options);
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = text === undefined ? {} : { "content-type": "application/json" };
    const request = { method, url, headers, ...(text === undefined ? {} : { body: text }) };
    const signed = await signedHeaders(request, await credentials, options.endpoint.region);
    return reach(url, { method, headers: signed, ...(text === undefined ? {} : { body: text }) });
  }

  async function sendBody<T>(method: "POST" | "PUT", schema: z.ZodType<T>, path: string, body: unknown) {
    const response = await send(method, urlOf(options.endpoint.url, path), body);
    return parse(schema, await checked(response, options.endpoint));
  }

  const client: ApiClient = {
    endpoint: options.endpoint,
    get: async (schema, path, query = {}) =>
      parse(
        schema,
        await checked(await send("GET", urlOf(options.endpoint.url, path, query)), options.endpoint),
      ),
    getState: async (schema, path) => {
      const response = await send("GET", urlOf(options.endpoint.url, path));
      if (response.status !== 503) return parse(schema, await checked(response, options.endpoint));
      const answer = await jsonOf(response.clone());
      const state = schema.safeParse(answer);
      return state.success ? state.data : parse(schema, await checked(response, options.endpoint));
    },
    post: (schema, path, body) => sendBody("POST", schema, path, body),
    put: (schema, path, body) => sendBody("PUT", schema, path, body),
    async *list(schema, path, query = {}, onPage) {
      let cursor: string | undefined;
      do {
        const page = await client.get(Page, path, { ...query, limit: PAGE_SIZE, cursor });
        onPage?.(page);
        for (const item of page.items) yield parse(schema, item);
        cursor = page.next;
      } while (cursor !== undefined);
    },
  };
  return client;
}

async function reach(url: URL, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    throw new CommandError(unreachable(url, cause), { cause });
  }
}

function unreachable(url: URL, cause: unknown): string {
  const code = causeCode(cause);
  if (code === "ECONNREFUSED")
    return `Nothing answers at ${url.origin}. Start the embedded cloud with "npm start", or name a deployed API with --endpoint or TALLYMAN_ENDPOINT.`;
  if (code === "ENOTFOUND") return `There is no host ${url.hostname}. Check --endpoint or TALLYMAN_ENDPOINT.`;
  if (cause instanceof Error && cause.name === "TimeoutError")
    return `${url.origin} did not answer within ${TIMEOUT_MS / 1000} s. Try again; "tallyman status" says whether it is well.`;
  return `${url.origin} could not be reached (${code ?? String(cause)}). Check --endpoint or TALLYMAN_ENDPOINT.`;
}

function causeCode(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
}

async function checked(response: Response, endpoint: Endpoint): Promise<unknown> {
  const answer = await jsonOf(response);
  if (response.ok) return answer;
  const problem = Problem.safeParse(answer);
  if (problem.success) throw new ProblemAnswer(problem.data);
  throw new CommandError(foreignRefusal(response.status, answer, endpoint));
}

/** Refusals that API Gateway, or whoever answers in its place, makes before the API is asked. */
function foreignRefusal(status: number, answer: unknown, endpoint: Endpoint): string {
  const said =
    typeof answer === "object" && answer !== null && "message" in answer
      ? ` (${String(answer.message)})`
      : "";
  if (status !== 401 && status !== 403)
    return `${endpoint.url.origin} answered ${status}${said}; that is not the admin API. Check --endpoint.`;
  const remedy = endpoint.isLoopback
    ? "The embedded cloud knows its own keys only: AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test."
    : `Your credentials need execute-api:Invoke on this API, and the signing Region must be the API's (now ${endpoint.region}, see --region).`;
  return `${endpoint.url.origin} refused the signature or the caller${said}. ${remedy}`;
}

async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parse<T>(schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CommandError(
    `The answer is not what this version of tallyman understands (${issue?.path.join(".") || "answer"}: ${issue?.message}). Check --endpoint, and that command and deployment have the same version.`,
    { cause: parsed.error },
  );
}
