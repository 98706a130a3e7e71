import type { AwsError, AwsResponse } from "../http/aws-service.ts";
import { renderQueryError, renderQueryResult, type XmlValue } from "../http/query-xml.ts";

export type { XmlValue } from "../http/query-xml.ts";

const namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

/** The answer of one operation, in the form of the AWS Query protocol. */
export function renderResult(operation: string, result: XmlValue): AwsResponse {
  return renderQueryResult(namespace, operation, result);
}

/** An error as STS answers it; for the border that refuses a request before the service sees it, too. */
export function renderStsError(error: AwsError): AwsResponse {
  return renderQueryError(namespace, error);
}
