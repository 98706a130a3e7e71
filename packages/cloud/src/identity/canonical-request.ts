import type { WireRequest } from "./signed-request.ts";

/** The request in the one form that both sides sign. `undefined`: its percent-encoding is malformed. */
export function canonicalRequest(
  request: WireRequest,
  claim: { readonly service: string; readonly signedHeaders: readonly string[] },
  payloadHash: string,
): string | undefined {
  const path = claim.service === "s3" ? encodeOnce(request.path) : encodeTwice(request.path);
  const query = canonicalQuery(request.query);
  if (path === undefined || query === undefined) return undefined;
  const headers = claim.signedHeaders.map((name) => `${name}:${normalize(request.headers[name] ?? "")}\n`);
  return [request.method, path, query, headers.join(""), claim.signedHeaders.join(";"), payloadHash].join(
    "\n",
  );
}

/** Signed header values have no space at their ends and no run of spaces. */
function normalize(value: string): string {
  return value.trim().replace(/[ \t]+/g, " ");
}

/** S3 signs the path as it names the key, encoded once; `a//b` and `a/../b` are keys like any other. */
function encodeOnce(path: string): string | undefined {
  const decoded = decode(path);
  return decoded === undefined ? undefined : encodePath(decoded);
}

/** Every other service signs the encoded path, encoded again, without empty and dot segments. */
function encodeTwice(path: string): string | undefined {
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  const end = path.endsWith("/") && segments.length > 0 ? "/" : "";
  return encodePath(`/${segments.join("/")}${end}`);
}

/** Sorted by encoded name, then value. A `+` is a space, as `URLSearchParams` reads it, so that what is signed is what is seen. */
function canonicalQuery(query: string): string | undefined {
  const pairs = query.split("&").filter((pair) => pair !== "");
  const encoded = pairs.map((pair) => {
    const at = pair.indexOf("=");
    const name = decode((at < 0 ? pair : pair.slice(0, at)).replaceAll("+", " "));
    const value = decode((at < 0 ? "" : pair.slice(at + 1)).replaceAll("+", " "));
    return name === undefined || value === undefined ? undefined : ([encode(name), encode(value)] as const);
  });
  const known = encoded.filter((pair) => pair !== undefined);
  if (known.length < encoded.length) return undefined;
  return known
    .filter(([name]) => name !== "X-Amz-Signature")
    .toSorted((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function encodePath(path: string): string {
  return encode(path).replaceAll("%2F", "/");
}

/** RFC 3986: everything but letters, digits and `-_.~` */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
