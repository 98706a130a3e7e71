import type { Trail } from "../events/trail/trail.ts";
import { OciError, toOciError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { type ImpliedCall, impliedCalls } from "./implied-calls.ts";
import type { Route } from "./route.ts";

/** ECR's `/v2` calls the API for its clients, and is what CloudTrail sees as their source. */
const CLIENT = { address: "ecr.amazonaws.com", userAgent: "ecr.amazonaws.com" };

/** Answers a request and has the API calls written down that it stands for. */
export async function trailedExchange(
  trail: Trail,
  exchange: Exchange,
  work: { readonly route: Route; readonly answer: () => Promise<void> },
): Promise<void> {
  const { method } = exchange.req;
  // Most requests are pulls, of which nobody hears: they go on at once.
  const readOnly = method === "GET" || method === "HEAD";
  if (!trail.hears(exchange.registry, { readOnly })) return work.answer();
  try {
    await work.answer();
  } catch (error) {
    const { code, message } = errorOf(error);
    record(trail, exchange, work.route, { code, message });
    throw error;
  }
  record(trail, exchange, work.route);
}

function record(
  trail: Trail,
  exchange: Exchange,
  route: Route,
  error?: { readonly code: string; readonly message: string },
): void {
  const { caller, registry } = exchange;
  const calls: readonly ImpliedCall[] = impliedCalls(exchange, route);
  // What fails, fails at the first call that is not allowed or not possible: that one is written down.
  for (const call of error ? calls.slice(0, 1) : calls) {
    trail.record(registry, call.operation, () => {
      const { input, output } = call.describe(error === undefined);
      const common = { caller, client: CLIENT, output };
      return { ...common, input: { ...input, registryId: registry.account }, ...(error && { error }) };
    });
  }
}

function errorOf(error: unknown): { readonly code: string; readonly message: string } {
  if (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    !(error instanceof OciError)
  )
    return { code: error.code, message: error.message };
  return toOciError(error) ?? { code: "ServerException", message: "Internal error" };
}
