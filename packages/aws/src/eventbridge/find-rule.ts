import type { RuleAsIs } from "@tallyman/domain/registry/probe";
import type { Registry } from "@tallyman/domain/registry/registry";
import * as z from "@tallyman/domain/zod";
import { type SigningCredentials, signedHttp } from "../signed-http.ts";

/** Where EventBridge is asked, and as whom. `endpoint`: another place than AWS (`AWS_ENDPOINT_URL`). */
export type EventsLocation = {
  readonly registry: Registry;
  readonly endpoint?: string | undefined;
  readonly credentials: () => Promise<SigningCredentials>;
};

/** EventBridge refused, or gave no usable answer. */
export class EventsCallError extends Error {
  /** As EventBridge names it: `AccessDeniedException`. */
  readonly code: string;

  constructor(operation: string, code: string, options?: ErrorOptions) {
    super(`events:${operation} was answered ${code}`, options);
    this.name = "EventsCallError";
    this.code = code;
  }
}

const Described = z.object({ State: z.string() });
const Targets = z.object({
  Targets: z._default(z.array(z.object({ Arn: z.string() })), []),
  NextToken: z.optional(z.string()),
});

/**
 * A rule of the default bus with its targets; undefined: there is no rule of this name. Two calls of JSON: EventBridge's
 * client in the SDK would be code that every start of the function reads.
 */
export async function findRule(at: EventsLocation, name: string): Promise<RuleAsIs | undefined> {
  try {
    const { State: state } = Described.parse(await call(at, "DescribeRule", { Name: name }));
    return { state, targets: await targetsOf(at, name) };
  } catch (error) {
    if (error instanceof EventsCallError && error.code === "ResourceNotFoundException") return undefined;
    throw error;
  }
}

async function targetsOf(at: EventsLocation, name: string): Promise<readonly string[]> {
  const targets: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = Targets.parse(await call(at, "ListTargetsByRule", { Rule: name, NextToken }));
    targets.push(...page.Targets.map(({ Arn }) => Arn));
    NextToken = page.NextToken;
  } while (NextToken);
  return targets;
}

async function call(at: EventsLocation, operation: string, input: object): Promise<unknown> {
  const { region } = at.registry;
  const send = signedHttp({ service: "events", region, credentials: at.credentials });
  const { status, bytes } = await send({
    method: "POST",
    url: at.endpoint ?? `https://events.${region}.amazonaws.com/`,
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `AWSEvents.${operation}` },
    body: JSON.stringify(input),
  });
  const answer = jsonOf(bytes);
  if (status === 200) return answer;
  const parsed = Refusal.safeParse(answer);
  throw new EventsCallError(operation, parsed.success ? codeOf(parsed.data.__type) : String(status));
}

const Refusal = z.object({ __type: z.string() });

/** `com.amazonaws.events#AccessDeniedException` */
function codeOf(type: string): string {
  return type.slice(type.lastIndexOf("#") + 1);
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
