import { randomUUID } from "node:crypto";
import { AwsError, type AwsResponse } from "../http/aws-service.ts";
import type { ListPage, ListQuery } from "./list-objects.ts";
import type { ObjectHead } from "./object-store.ts";

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

export type Element = { readonly name: string; readonly children: string | readonly Element[] };

/** S3's error document; `details` become elements (`Key`, `BucketName`, ...). */
export function renderError(error: AwsError): AwsResponse {
  const details = Object.entries(error.details).map(([name, value]) => element(name, String(value)));
  const known = [element("Code", error.code), element("Message", error.message), ...details];
  return renderXml(error.status, element("Error", [...known, element("RequestId", randomUUID())]));
}

export type ListAnswer = {
  readonly bucket: string;
  readonly query: ListQuery;
  readonly page: ListPage<ObjectHead>;
  readonly continuationToken: string | undefined;
  /** Whether keys are percent-encoded (`encoding-type=url`). */
  readonly encoded: boolean;
};

export function renderList({ bucket, query, page, continuationToken, encoded }: ListAnswer): AwsResponse {
  const text = (value: string) => (encoded ? encodeURIComponent(value).replaceAll("%2F", "/") : value);
  const fields: readonly (readonly [string, string | undefined])[] = [
    ["Name", bucket],
    ["Prefix", text(query.prefix)],
    ["Delimiter", query.delimiter === "" ? undefined : text(query.delimiter)],
    ["MaxKeys", String(query.limit)],
    ["KeyCount", String(page.contents.length + page.commonPrefixes.length)],
    ["IsTruncated", String(page.next !== undefined)],
    ["EncodingType", encoded ? "url" : undefined],
    ["ContinuationToken", continuationToken],
    ["NextContinuationToken", page.next === undefined ? undefined : toToken(page.next)],
  ];
  const known = fields.flatMap(([name, value]) => (value === undefined ? [] : [element(name, value)]));
  const contents = page.contents.map((head) =>
    element("Contents", [
      element("Key", text(head.key)),
      element("LastModified", head.lastModified),
      element("ETag", `"${head.md5}"`),
      element("Size", String(head.size)),
      element("StorageClass", "STANDARD"),
    ]),
  );
  const prefixes = page.commonPrefixes.map((prefix) =>
    element("CommonPrefixes", [element("Prefix", text(prefix))]),
  );
  return renderXml(200, element("ListBucketResult", [...known, ...contents, ...prefixes]), NAMESPACE);
}

export function toToken(key: string): string {
  return Buffer.from(key).toString("base64url");
}

/** Throws InvalidArgument for what `toToken` never made. */
export function fromToken(token: string): string {
  const key = Buffer.from(token, "base64url").toString("utf8");
  if (toToken(key) === token) return key;
  throw new AwsError("InvalidArgument", "The continuation token provided is incorrect");
}

export function element(name: string, children: Element["children"]): Element {
  return { name, children };
}

export function renderXml(status: number, root: Element, namespace?: string): AwsResponse {
  const open = namespace ? `${root.name} xmlns="${namespace}"` : root.name;
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${open}>${inner(root)}</${root.name}>`;
  return { status, headers: { "content-type": "application/xml" }, body };
}

function inner({ children }: Element): string {
  if (typeof children === "string") return escapeXml(children);
  return children.map((child) => `<${child.name}>${inner(child)}</${child.name}>`).join("");
}

/** Control characters have no place in XML 1.0: the ones S3 would reject are shown as a question mark. */
function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("\r", "&#13;")
    .replace(/[^\t\n\r -\uFFFD]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])/g, "?");
}
