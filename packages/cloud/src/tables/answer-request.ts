import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import type { Faults } from "../faults/faults.ts";
import { AwsError, type AwsRequest, type AwsResponse } from "../http/aws-service.ts";
import { principalName } from "../http/wire.ts";
import { checkAccess, OPERATIONS, resourcesOf } from "./access.ts";
import { itemWritesOf, type UnitsMeter } from "./consumed-units.ts";
import { dynamodbAnswer, dynamodbError, validationError } from "./dynamodb-answer.ts";
import type { Engine } from "./engine.ts";
import type { TableDefinition } from "./table-definition.ts";

const TRANSACTIONS = ["TransactWriteItems", "TransactGetItems"];

export type AnswerDeps = {
  readonly options: { readonly authorize: Authorize; readonly faults: Faults };
  readonly meter: UnitsMeter;
  readonly declared: readonly TableDefinition[];
  readonly engine: () => Engine;
};

/** Answers one DynamoDB call: fault, access, then the engine. */
export async function answerRequest(request: AwsRequest, deps: AnswerDeps): Promise<AwsResponse> {
  try {
    return await perform(request, deps);
  } catch (error) {
    if (error instanceof AwsError) return dynamodbError(error);
    throw error;
  }
}

async function perform(
  request: AwsRequest,
  { options, meter, declared, engine }: AnswerDeps,
): Promise<AwsResponse> {
  const operation = operationOf(request);
  const fault = options.faults.failure(`dynamodb:${operation}`);
  if (fault)
    throw new AwsError(fault.code, `${fault.code}: a fault is switched on for this operation.`, fault.status);
  const body = Buffer.from(request.body).toString("utf8");
  const input = parse(body);
  const resources = resourcesOf(operation, input, request);
  checkAccess(options.authorize, request, { operation, resources });
  if (operation === "DescribeTimeToLive")
    return dynamodbAnswer(200, JSON.stringify(timeToLive(declared, resources)));
  const { account, region } = request;
  const result = await engine().perform({ account, region, operation, body });
  const itemWrites = result.status === 200 ? itemWritesOf(operation, input) : 0;
  meter.add({ account, region, principal: principalName(request.caller), units: result.units, itemWrites });
  return dynamodbAnswer(result.status, result.body);
}

function timeToLive(declared: readonly TableDefinition[], [resource]: readonly string[]) {
  const table = declared.find(
    ({ account, region, name }) => resource === `arn:aws:dynamodb:${region}:${account}:table/${name}`,
  );
  if (!table) throw new AwsError("ResourceNotFoundException", "Requested resource not found");
  const { ttlAttribute: AttributeName } = table;
  const on = { TimeToLiveStatus: "ENABLED", AttributeName };
  return { TimeToLiveDescription: AttributeName ? on : { TimeToLiveStatus: "DISABLED" } };
}

function operationOf(request: AwsRequest): string {
  const [version, operation = ""] = (request.headers["x-amz-target"] ?? "").split(".");
  if (TRANSACTIONS.includes(operation)) {
    throw validationError(
      `${operation} is not supported by the embedded cloud: write items one by one, conditionally.`,
    );
  }
  if (version === "DynamoDB_20120810" && OPERATIONS.includes(operation)) return operation;
  throw new AwsError(
    "UnknownOperationException",
    `${operation || "This"} is not supported by the embedded cloud.`,
  );
}

/** The engine takes it for granted that a body is an object. */
function parse(body: string): unknown {
  let input: unknown;
  try {
    input = JSON.parse(body);
  } catch {
    throw new AwsError("SerializationException", "The request body is not JSON.");
  }
  if (typeof input === "object" && input !== null && !Array.isArray(input)) return input;
  throw new AwsError("SerializationException", "The request body is not a JSON object.");
}
