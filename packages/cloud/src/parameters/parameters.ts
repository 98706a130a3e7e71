import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import * as z from "zod";
import type { CloudClock } from "../clock/cloud-clock.ts";
import type { Faults } from "../faults/faults.ts";
import type { AwsService } from "../http/aws-service.ts";
import { answerSsm } from "./answer-ssm.ts";
import { openParameterStore, type Parameter } from "./parameter-store.ts";

export type ParametersOptions = {
  readonly authorize: Authorize;
  readonly faults: Faults;
  readonly clock: CloudClock;
  /** Where values are kept (one JSON file); undefined: in memory. */
  readonly file?: string;
};

/** A parameter that a stack declares, from the inputs of `aws:ssm/parameter:Parameter`. */
export type DeclaredParameter = Pick<Parameter, "account" | "region" | "name" | "type" | "value">;

export type Parameters = {
  readonly service: AwsService;
  /** Creates the parameter; a value that somebody put since the first start stays, as on a deployment that ignores it. */
  declare(parameter: DeclaredParameter): Promise<void>;
  /** Gives every declared parameter its first value again and forgets the others. */
  clear(): Promise<void>;
};

const Inputs = z.object({
  name: z.string().optional(),
  type: z.enum(["String", "StringList", "SecureString"]),
  value: z.string(),
});

/** What the local Slack-compatible sink takes for a token. */
const LOCAL_SLACK_TOKEN = "xoxb-embedded";

/**
 * Reads an `aws:ssm/parameter:Parameter` resource. On AWS a person replaces a placeholder (`set-me: ...`) by a Slack bot
 * token after the first deployment; here it becomes one for the local sink.
 */
export function declaredParameter(
  logicalName: string,
  resource: unknown,
  place: { readonly account: string; readonly region: string },
): DeclaredParameter {
  const parsed = Inputs.safeParse(resource);
  if (!parsed.success) throw new Error(`Parameter ${logicalName}: ${z.prettifyError(parsed.error)}`);
  const { name = logicalName, type, value } = parsed.data;
  const placeholder = /^set-me\b.*\bxoxb-/.test(value);
  return { ...place, name, type, value: placeholder ? LOCAL_SLACK_TOKEN : value };
}

/** Systems Manager's parameters: GetParameter, GetParameters, PutParameter. */
export async function createParameters(options: ParametersOptions): Promise<Parameters> {
  const store = await openParameterStore(options.file);
  const declared: DeclaredParameter[] = [];
  const first = (parameter: DeclaredParameter) =>
    store.put({ ...parameter, version: 1, lastModified: options.clock.now().toISOString() });
  return {
    service: { signingName: "ssm", handle: (request) => answerSsm(request, { options, store }) },
    async declare(parameter) {
      declared.push(parameter);
      if (!store.find(parameter)) await first(parameter);
    },
    async clear() {
      await store.clear();
      for (const parameter of declared) await first(parameter);
    },
  };
}
