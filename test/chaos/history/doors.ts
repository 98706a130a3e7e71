import type { Gate, Process } from "./gate.ts";

/** What an AWS service answers to one call of its JSON API. */
export type Answer = { readonly status: number; readonly body: string | Uint8Array };
export type Answers = (operation: string, body: string) => Promise<Answer>;

/** The error by which a service says that it is too busy; the SDK knows it and asks again. */
const TOO_BUSY: Readonly<Record<string, string>> = {
  dynamodb: "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
  ecr: "ThrottlingException",
  sqs: "com.amazonaws.sqs#RequestThrottled",
};

type Request = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
};

/**
 * What an SDK client of a worker sends through, in place of a socket: the gate lets each request through to the service, and
 * the answer back, when its turn has come.
 */
export function door(gate: Gate, process: Process, service: string, answers: Answers) {
  async function handle(request: Request) {
    const operation = (request.headers["x-amz-target"] ?? "").split(".").at(-1) ?? "";
    const body = typeof request.body === "string" ? request.body : new TextDecoder().decode(request.body);
    const [, attempt = "1"] = /attempt=(\d+)/.exec(request.headers["amz-sdk-request"] ?? "") ?? [];
    const [, most = "1"] = /max=(\d+)/.exec(request.headers["amz-sdk-request"] ?? "") ?? [];
    if (attempt !== "1") gate.retried();
    const response = await gate.ask(process, {
      service,
      operation,
      input: JSON.parse(body) as Readonly<Record<string, unknown>>,
      canRetry: Number(attempt) < Number(most),
      perform: async () => responseOf(await answers(operation, body)),
      throttled: () =>
        responseOf({
          status: 400,
          body: JSON.stringify({ __type: TOO_BUSY[service], message: "slow down" }),
        }),
    });
    return { response };
  }
  return { handle, metadata: { handlerProtocol: "http/1.1" }, destroy: () => undefined };
}

function responseOf({ status, body }: Answer) {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return {
    statusCode: status,
    headers: { "content-type": "application/x-amz-json-1.1" } as Record<string, string>,
    body: bytes,
  };
}

type RetryToken = { getRetryCount(): number; getRetryDelay(): number };

/** Asks again what was throttled, like the SDK's own, but without a pause: time here passes by the test's clock alone. */
export function atOnce(attempts: number) {
  const token = (count: number): RetryToken => ({ getRetryCount: () => count, getRetryDelay: () => 0 });
  return {
    acquireInitialRetryToken: async () => token(0),
    async refreshRetryTokenForRetry(before: RetryToken, { errorType }: { readonly errorType: string }) {
      const count = before.getRetryCount() + 1;
      if (errorType !== "THROTTLING" || count >= attempts) throw new Error("not again");
      return token(count);
    },
    recordSuccess: () => undefined,
  };
}
