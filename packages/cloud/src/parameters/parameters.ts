import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import * as z from "zod";
import type { CloudClock } from "../clock/cloud-clock.ts";
import type { Faults } from "../faults/faults.ts";
import { AwsError, type AwsRequest, type AwsResponse, type AwsService } from "../http/aws-service.ts";
import { openParameterStore, type Parameter, type ParameterStore } from "./parameter-store.ts";
import { GetParameterInput, GetParametersInput, PutParameterInput, showParameter } from "./ssm-shapes.ts";

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

type Deps = { readonly options: ParametersOptions; readonly store: ParameterStore };

/** Systems Manager's parameters: GetParameter, GetParameters, PutParameter. */
export async function createParameters(options: ParametersOptions): Promise<Parameters> {
  const store = await openParameterStore(options.file);
  const declared: DeclaredParameter[] = [];
  const first = (parameter: DeclaredParameter) =>
    store.put({ ...parameter, version: 1, lastModified: options.clock.now().toISOString() });
  return {
    service: { signingName: "ssm", handle: (request) => answer(request, { options, store }) },
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

async function answer(request: AwsRequest, deps: Deps): Promise<AwsResponse> {
  try {
    return json(200, await perform(request, deps));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return json(error.status, { __type: error.code, message: error.message });
  }
}

function json(status: number, body: unknown): AwsResponse {
  return { status, headers: { "content-type": "application/x-amz-json-1.1" }, body: JSON.stringify(body) };
}

async function perform(request: AwsRequest, deps: Deps): Promise<unknown> {
  const operation = (request.headers["x-amz-target"] ?? "").replace(/^AmazonSSM\./, "");
  const fault = deps.options.faults.failure(`ssm:${operation}`);
  if (fault) throw new AwsError(fault.code, "A fault is switched on for this operation.", fault.status);
  if (operation === "GetParameter") return get(request, deps);
  if (operation === "GetParameters") return getSeveral(request, deps);
  if (operation === "PutParameter") return await put(request, deps);
  throw new AwsError(
    "UnknownOperationException",
    `${operation || "This"} is not supported by the embedded cloud.`,
  );
}

function get(request: AwsRequest, deps: Deps) {
  const { Name, WithDecryption } = parse(GetParameterInput, request);
  checkAccess(request, deps, { action: "ssm:GetParameter", name: Name });
  const parameter = find(request, deps, Name);
  if (!parameter) throw new AwsError("ParameterNotFound", `Parameter ${Name} not found.`);
  return { Parameter: showParameter(parameter, WithDecryption) };
}

function getSeveral(request: AwsRequest, deps: Deps) {
  const { Names, WithDecryption } = parse(GetParametersInput, request);
  for (const name of Names) checkAccess(request, deps, { action: "ssm:GetParameters", name });
  const found = Names.map((name) => find(request, deps, name));
  return {
    Parameters: found.flatMap((parameter) => (parameter ? [showParameter(parameter, WithDecryption)] : [])),
    InvalidParameters: Names.filter((_, index) => !found[index]),
  };
}

async function put(request: AwsRequest, { options, store }: Deps) {
  const { Name: name, Value: value, Type, Overwrite } = parse(PutParameterInput, request);
  checkAccess(request, { options, store }, { action: "ssm:PutParameter", name });
  const { account, region } = request;
  const existing = store.find({ account, region, name });
  if (existing && !Overwrite) {
    throw new AwsError(
      "ParameterAlreadyExists",
      "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
    );
  }
  const type = Type ?? existing?.type;
  if (!type)
    throw new AwsError("ValidationException", "A parameter type is required when you create a parameter.");
  const version = (existing?.version ?? 0) + 1;
  await store.put({
    account,
    region,
    name,
    type,
    value,
    version,
    lastModified: options.clock.now().toISOString(),
  });
  return { Version: version, Tier: "Standard" };
}

function find({ account, region }: AwsRequest, { store }: Deps, name: string): Parameter | undefined {
  return store.find({ account, region, name });
}

function checkAccess(
  { caller, account, region }: AwsRequest,
  { options }: Deps,
  { action, name }: { readonly action: string; readonly name: string },
): void {
  const resource = `arn:aws:ssm:${region}:${account}:parameter/${name.replace(/^\//, "")}`;
  const decision = options.authorize({ caller, action, resource, resourceAccount: account });
  if (!decision.allowed) throw new AwsError("AccessDeniedException", decision.message);
}

function parse<T>(shape: z.ZodType<T>, { body }: AwsRequest): T {
  let input: unknown;
  try {
    input = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    throw new AwsError("SerializationException", "The request body is not JSON.");
  }
  const parsed = shape.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new AwsError("ValidationException", `1 validation error detected: ${z.prettifyError(parsed.error)}`);
}
