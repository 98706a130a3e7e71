import { AwsError, type AwsResponse } from "../http/aws-service.ts";

const DYNAMODB = "com.amazonaws.dynamodb.v20120810#";
const COMMON: Readonly<Record<string, string>> = {
  AccessDeniedException: "com.amazon.coral.service#",
  SerializationException: "com.amazon.coral.service#",
  UnknownOperationException: "com.amazon.coral.service#",
  ValidationException: "com.amazon.coral.validate#",
};

/** DynamoDB's JSON 1.0 answer. */
export function dynamodbAnswer(status: number, body: string): AwsResponse {
  return { status, headers: { "content-type": "application/x-amz-json-1.0" }, body };
}

export function dynamodbError(error: AwsError): AwsResponse {
  const type = `${COMMON[error.code] ?? DYNAMODB}${error.code}`;
  return dynamodbAnswer(
    error.status,
    JSON.stringify({ __type: type, message: error.message, ...error.details }),
  );
}

export function validationError(message: string): AwsError {
  return new AwsError("ValidationException", message);
}
