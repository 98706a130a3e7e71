import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import * as z from "zod";
import type { CloudClock } from "../clock/cloud-clock.ts";
import type { Faults } from "../faults/faults.ts";
import { AwsError, type AwsRequest, type AwsResponse } from "../http/aws-service.ts";
import type { Parameter, ParameterStore } from "./parameter-store.ts";
import { GetParameterInput, GetParametersInput, PutParameterInput, showParameter } from "./ssm-shapes.ts";

export type SsmDeps = {
  readonly options: { readonly authorize: Authorize; readonly faults: Faults; readonly clock: CloudClock };
  readonly store: ParameterStore;
};

/** Answers one call of Systems Manager. */
export async function answerSsm(request: AwsRequest, deps: SsmDeps): Promise<AwsResponse> {
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

async function perform(request: AwsRequest, deps: SsmDeps): Promise<unknown> {
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

function get(request: AwsRequest, deps: SsmDeps) {
  const { Name, WithDecryption } = parse(GetParameterInput, request);
  checkAccess(request, deps, { action: "ssm:GetParameter", name: Name });
  const parameter = find(request, deps, Name);
  if (!parameter) throw new AwsError("ParameterNotFound", `Parameter ${Name} not found.`);
  return { Parameter: showParameter(parameter, WithDecryption) };
}

function getSeveral(request: AwsRequest, deps: SsmDeps) {
  const { Names, WithDecryption } = parse(GetParametersInput, request);
  for (const name of Names) checkAccess(request, deps, { action: "ssm:GetParameters", name });
  const found = Names.map((name) => find(request, deps, name));
  return {
    Parameters: found.flatMap((parameter) => (parameter ? [showParameter(parameter, WithDecryption)] : [])),
    InvalidParameters: Names.filter((_, index) => !found[index]),
  };
}

async function put(request: AwsRequest, { options, store }: SsmDeps) {
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

function find({ account, region }: AwsRequest, { store }: SsmDeps, name: string): Parameter | undefined {
  return store.find({ account, region, name });
}

function checkAccess(
  { caller, account, region }: AwsRequest,
  { options }: SsmDeps,
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
