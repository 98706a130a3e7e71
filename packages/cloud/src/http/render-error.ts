import { randomUUID } from "node:crypto";
import { renderIamError } from "../identity-api/iam-xml.ts";
import { renderError as renderSqsError } from "../queues/sqs-api/errors.ts";
import { renderStsError } from "../sts/sts-xml.ts";
import type { AwsError, AwsResponse } from "./aws-service.ts";

/** A refusal before any service saw the request, in the protocol of the service that was meant. */
export function renderAwsError(service: string, error: AwsError): AwsResponse {
  if (service === "sts") return renderStsError(error);
  if (service === "iam") return renderIamError(error);
  if (service === "sqs") return renderSqsError(error);
  if (service === "s3") return renderS3Error(error);
  const body =
    service === "execute-api" ? { message: error.message } : { __type: error.code, message: error.message };
  return {
    status: error.status,
    headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": error.code },
    body: JSON.stringify(body),
  };
}

function renderS3Error(error: AwsError): AwsResponse {
  const parts = { Code: error.code, Message: error.message, RequestId: randomUUID() };
  const inner = Object.entries(parts).map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`);
  return {
    status: error.status,
    headers: { "content-type": "application/xml" },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${inner.join("")}</Error>`,
  };
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
