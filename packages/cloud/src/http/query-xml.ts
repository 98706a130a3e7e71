import { randomUUID } from "node:crypto";
import type { AwsError, AwsResponse } from "./aws-service.ts";

/** Text, elements by name, or a list, whose items are called `member`; `undefined` is left out. */
export type XmlValue =
  | string
  | number
  | boolean
  | undefined
  | readonly XmlValue[]
  | { readonly [name: string]: XmlValue };

/** The answer of one operation, in the form of the AWS Query protocol; one without a result has no element for it. */
export function renderQueryResult(namespace: string, operation: string, result: XmlValue): AwsResponse {
  const body = {
    [`${operation}Result`]: result,
    ResponseMetadata: { RequestId: randomUUID() },
  };
  return respond(namespace, 200, { root: `${operation}Response`, content: body });
}

/** A failure of the Query protocol. */
export function renderQueryError(namespace: string, error: AwsError): AwsResponse {
  const { code, message, status } = error;
  const type = status >= 500 ? "Receiver" : "Sender";
  const content = { Error: { Type: type, Code: code, Message: message }, RequestId: randomUUID() };
  return respond(namespace, status, { root: "ErrorResponse", content });
}

function respond(
  namespace: string,
  status: number,
  { root, content }: { readonly root: string; readonly content: XmlValue },
): AwsResponse {
  const body = `<${root} xmlns="${namespace}">${render(content)}</${root}>`;
  return { status, headers: { "content-type": "text/xml" }, body };
}

function render(value: XmlValue): string {
  if (isList(value)) return value.map((item) => `<member>${render(item)}</member>`).join("");
  if (typeof value !== "object") return escapeText(String(value ?? ""));
  return Object.entries(value)
    .filter(([, child]) => child !== undefined)
    .map(([name, child]) => `<${name}>${render(child)}</${name}>`)
    .join("");
}

function isList(value: XmlValue): value is readonly XmlValue[] {
  return Array.isArray(value);
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeText(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
