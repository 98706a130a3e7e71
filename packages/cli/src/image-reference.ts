import type { Registry } from "@tallyman/domain/registry/registry";
import { parseRegistryHost } from "@tallyman/domain/registry/registry-host";
import { UsageError } from "./errors.ts";
import { parseReference } from "./reference.ts";

/** What names an image: a repository with tag or digest, in one registry or anywhere; or a digest alone. */
export type ImageReference = {
  readonly registry?: Registry;
  readonly repository?: string;
  readonly tag?: string;
  /** `sha256:` and at least eight digits. */
  readonly digest?: string;
};

const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;
const DIGEST = /^sha256:[a-f0-9]{8,64}$/;

/**
 * `prod/web:1.4.2`, `prod/web@sha256:...`, the same behind the host of a registry as docker writes it, or `sha256:...`.
 * Throws UsageError.
 */
export function parseImageReference(text: string): ImageReference {
  if (DIGEST.test(text)) return { digest: text };
  const { registry, name } = withoutHost(text);
  const [repository = "", digest, ...rest] = name.split("@");
  if (digest === undefined) return { ...registry, ...tagged(name) };
  if (rest.length > 0 || !DIGEST.test(digest))
    throw new UsageError(`"${digest}" is not a digest; write sha256: and at least its first eight digits.`);
  // `repo:tag@digest`: the digest is what is pulled.
  return { ...registry, repository: parseReference(repository, undefined).repository, digest };
}

function tagged(name: string): Pick<ImageReference, "repository" | "tag"> {
  const reference = parseReference(name, undefined);
  if (reference.tag === undefined)
    throw new UsageError(
      `Which image of ${reference.repository}? Write repository:tag or repository@sha256:...`,
    );
  return reference;
}

function withoutHost(text: string): { readonly registry: { registry?: Registry }; readonly name: string } {
  const slash = text.indexOf("/");
  const host = text.slice(0, Math.max(slash, 0));
  const name = text.slice(slash + 1);
  const registry = parseRegistryHost(host)?.registry;
  if (registry !== undefined) return { name, registry: { registry } };
  return LOCAL_HOST.test(host) ? { name, registry: {} } : { name: text, registry: {} };
}
