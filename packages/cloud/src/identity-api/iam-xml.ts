import type { AwsError, AwsResponse } from "../http/aws-service.ts";
import { renderQueryError, renderQueryResult, type XmlValue } from "../http/query-xml.ts";

const namespace = "https://iam.amazonaws.com/doc/2010-05-08/";

export function renderIamResult(operation: string, result: XmlValue): AwsResponse {
  return renderQueryResult(namespace, operation, result);
}

/** An error as IAM answers it; for the border that refuses a request before the service sees it, too. */
export function renderIamError(error: AwsError): AwsResponse {
  return renderQueryError(namespace, error);
}
