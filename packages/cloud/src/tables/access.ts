import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import * as z from "zod";
import { AwsError, type AwsRequest } from "../http/aws-service.ts";
import { validationError } from "./dynamodb-answer.ts";

const SINGLE = [
  "DeleteItem",
  "DescribeTable",
  "DescribeTimeToLive",
  "GetItem",
  "PutItem",
  "Query",
  "Scan",
  "UpdateItem",
];
const BATCH = ["BatchGetItem", "BatchWriteItem"];
/** What the front answers, each with an action of the same name. */
export const OPERATIONS: readonly string[] = [...SINGLE, ...BATCH, "ListTables"];

const Named = z.looseObject({ TableName: z.string(), IndexName: z.string().optional() });
const Batched = z.looseObject({ RequestItems: z.record(z.string(), z.unknown()) });

/** ARNs that an operation touches: its table or index, each table of a batch, `*` where there is no resource. */
export function resourcesOf(operation: string, input: unknown, request: AwsRequest): readonly string[] {
  const arn = (table: string) => `arn:aws:dynamodb:${request.region}:${request.account}:table/${table}`;
  if (operation === "ListTables") return ["*"];
  if (BATCH.includes(operation)) {
    const batch = Batched.safeParse(input);
    if (!batch.success) throw validationError("1 validation error detected: 'requestItems' must be a map");
    return Object.keys(batch.data.RequestItems).map(arn);
  }
  const named = Named.safeParse(input);
  if (!named.success) throw validationError("1 validation error detected: 'tableName' must be a string");
  const { TableName, IndexName } = named.data;
  return [IndexName === undefined ? arn(TableName) : `${arn(TableName)}/index/${IndexName}`];
}

/** Asks for `dynamodb:<operation>` on every resource. Throws AccessDeniedException. */
export function checkAccess(
  authorize: Authorize,
  request: AwsRequest,
  question: { readonly operation: string; readonly resources: readonly string[] },
): void {
  for (const resource of question.resources) {
    const decision = authorize({
      caller: request.caller,
      action: `dynamodb:${question.operation}`,
      resource,
      resourceAccount: request.account,
    });
    if (!decision.allowed) throw new AwsError("AccessDeniedException", decision.message);
  }
}
