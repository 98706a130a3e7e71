import { randomUUID } from "node:crypto";
import type { AwsError, AwsResponse } from "../http/aws-service.ts";

const namespace = "https://sts.amazonaws.com/doc/2011-06-15/";

/** Text, or elements by name; `undefined` is left out. */
export type XmlValue = string | number | undefined | { readonly [name: string]: XmlValue };

/** The answer of one operation, in the form of the AWS Query protocol. */
export function renderResult(operation: string, result: XmlValue): AwsResponse {
  const body = {
    [`${operation}Result`]: result,
    ResponseMetadata: { RequestId: randomUUID() },
  };
  return respond(200, `${operation}Response`, body);
}

/** An error as STS answers it; for the border that refuses a request before the service sees it, too. */
export function renderStsError(error: AwsError): AwsResponse {
  const { code, message, status } = error;
  const type = status >= 500 ? "Receiver" : "Sender";
  return respond(status, "ErrorResponse", {
    Error: { Type: type, Code: code, Message: message },
    RequestId: randomUUID(),
  });
}

function respond(status: number, root: string, content: XmlValue): AwsResponse {
  const body = `<${root} xmlns="${namespace}">${render(content)}</${root}>`;
  return { status, headers: { "content-type": "text/xml" }, body };
}

function render(value: XmlValue): string {
  if (typeof value !== "object") return escapeText(String(value ?? ""));
  return Object.entries(value)
    .filter(([, child]) => child !== undefined)
    .map(([name, child]) => `<${name}>${render(child)}</${name}>`)
    .join("");
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
