import { createHmac, timingSafeEqual } from "node:crypto";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";

/** One layer of one repository of one registry: what a download URL is good for. */
export type LayerAddress = RepositoryRef & { readonly digest: string };

/** Path prefix of the URLs; S3's stand-in. */
const PREFIX = "/starport-layers/";

/** S3 takes a request that was signed a little into the future, for clocks differ; in milliseconds. */
const EARLY = 15 * 60 * 1000;

export function isLayerDownload(path: string): boolean {
  return path.startsWith(PREFIX);
}

/**
 * Path and query of a URL under which the layer can be read for `life` milliseconds (rounded to seconds), by whoever has it.
 * Shaped like a presigned S3 URL: when it was signed, for how long, and an HMAC over these and the address.
 */
export function signLayerPath(
  secret: Uint8Array,
  address: LayerAddress,
  { now, life }: { readonly now: Date; readonly life: number },
): string {
  const date = `${now.toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
  const expires = String(Math.max(1, Math.round(life / 1000)));
  const signature = sign(secret, address, { date, expires });
  const { account, region, repository, digest } = address;
  const query = `X-Amz-Date=${date}&X-Amz-Expires=${expires}&X-Amz-Signature=${signature}`;
  return `${PREFIX}${account}/${region}/${repository}/${digest}?${query}`;
}

export type LayerUrlCheck =
  | { readonly good: true; readonly address: LayerAddress }
  | { readonly good: false; readonly because: "unsigned" | "forged" | "early" }
  | { readonly good: false; readonly because: "expired"; readonly expires: string; readonly at: Date };

/** What a request target of such a URL is good for, now. */
export function checkLayerPath(secret: Uint8Array, target: string, now: Date): LayerUrlCheck {
  const [path = "", query = ""] = target.split("?", 2);
  const address = addressOf(path);
  const given = new URLSearchParams(query);
  const [date, expires] = [given.get("X-Amz-Date"), given.get("X-Amz-Expires")];
  const signature = given.get("X-Amz-Signature");
  if (date === null || expires === null || signature === null) return { good: false, because: "unsigned" };
  const expected = address === undefined ? "" : sign(secret, address, { date, expires });
  if (address === undefined || !equal(signature, expected)) return { good: false, because: "forged" };
  const signedAt = Date.parse(
    date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"),
  );
  const at = signedAt + Number(expires) * 1000;
  if (now.getTime() + EARLY < signedAt) return { good: false, because: "early" };
  if (now.getTime() >= at) return { good: false, because: "expired", expires, at: new Date(at) };
  return { good: true, address };
}

function addressOf(path: string): LayerAddress | undefined {
  const [, account, region, repository, digest] =
    /^\/starport-layers\/(\d{12})\/([a-z0-9-]+)\/([a-z0-9._/-]+)\/(sha256:[a-f0-9]{64})$/.exec(
      decoded(path),
    ) ?? [];
  if (account === undefined || region === undefined) return undefined;
  return repository === undefined || digest === undefined
    ? undefined
    : { account, region, repository, digest };
}

/** Some clients encode the colon of a digest. */
function decoded(path: string): string {
  return path.replaceAll(/%3a/gi, ":");
}

function sign(
  secret: Uint8Array,
  { account, region, repository, digest }: LayerAddress,
  { date, expires }: { readonly date: string; readonly expires: string },
): string {
  const text = ["GET", account, region, repository, digest, date, expires].join("\n");
  return createHmac("sha256", secret).update(text).digest("hex");
}

function equal(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
