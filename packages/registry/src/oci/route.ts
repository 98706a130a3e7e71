import { Digest, Tag } from "@tallyman/domain/image/digest";
import { RepositoryName } from "@tallyman/domain/registry/repository";
import { invalidParameter } from "../core/errors.ts";
import { OciError } from "./errors.ts";

/** Where a request goes; names, digests and tags in it are well formed. */
export type Route =
  | { readonly to: "base" }
  | { readonly to: "catalog" }
  | { readonly to: "manifest"; readonly name: string; readonly reference: Reference }
  | { readonly to: "blob"; readonly name: string; readonly digest: string }
  | { readonly to: "uploads"; readonly name: string }
  | { readonly to: "upload"; readonly name: string; readonly id: string }
  | { readonly to: "tags"; readonly name: string }
  | { readonly to: "referrers"; readonly name: string; readonly digest: string };

export type Reference =
  | { readonly digest: string; readonly tag?: never }
  | { readonly tag: string; readonly digest?: never };

/** A line break in a name is a character like any other that is refused. */
const PATTERNS = {
  manifest: /^\/v2\/(.+)\/manifests\/([^/]+)$/s,
  upload: /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/s,
  uploads: /^\/v2\/(.+)\/blobs\/uploads\/?$/s,
  blob: /^\/v2\/(.+)\/blobs\/([^/]+)$/s,
  tags: /^\/v2\/(.+)\/tags\/list$/s,
  referrers: /^\/v2\/(.+)\/referrers\/([^/]+)$/s,
} as const;

/**
 * Reads the request target itself: a URL parser would fold `..` away, and this must see it to refuse it.
 *
 * Throws 404 for an unknown path, 405 UNSUPPORTED for a name that is none (as ECR words an invalid parameter),
 * 400 TAG_INVALID or DIGEST_INVALID for a bad reference.
 */
export function parseRoute(target: string): Route {
  const path = decodePath(target.split("?", 1)[0] ?? "");
  if (path === "/v2/" || path === "/v2") return { to: "base" };
  if (path === "/v2/_catalog") return { to: "catalog" };
  for (const [to, pattern] of Object.entries(PATTERNS)) {
    const match = pattern.exec(path);
    if (match !== null) return toRoute(to as keyof typeof PATTERNS, match[1] ?? "", match[2] ?? "");
  }
  throw new OciError(404, "UNSUPPORTED", "There is nothing at this path of the OCI Distribution API");
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new OciError(400, "NAME_INVALID", "The path is not valid percent-encoding");
  }
}

function toRoute(to: keyof typeof PATTERNS, givenName: string, last: string): Route {
  const name = checkedName(givenName);
  switch (to) {
    case "manifest":
      return { to, name, reference: parseReference(last) };
    case "upload":
      return { to, name, id: last };
    case "blob":
    case "referrers":
      return { to, name, digest: checkedDigest(last) };
    default:
      return { to, name };
  }
}

export function checkedName(name: string): string {
  if (RepositoryName.safeParse(name).success) return name;
  throw invalidParameter(
    "repositoryName",
    "must satisfy regular expression '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*'",
  );
}

export function checkedDigest(digest: string): string {
  if (Digest.safeParse(digest).success) return digest;
  throw new OciError(400, "DIGEST_INVALID", "A digest is sha256:<64 lower-case hex digits>");
}

function parseReference(reference: string): Reference {
  if (reference.includes(":")) return { digest: checkedDigest(reference) };
  if (Tag.safeParse(reference).success) return { tag: reference };
  throw new OciError(400, "TAG_INVALID", "A tag is [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");
}
