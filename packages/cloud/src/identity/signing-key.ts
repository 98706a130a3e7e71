import { createHmac, createSecretKey, type KeyObject } from "node:crypto";

/** So many derived keys are kept: a caller signs all day with one for each service and Region. */
const KEPT = 1000;
const keys = new Map<string, KeyObject>();

/**
 * The key of one day, Region and service, derived from a secret access key
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, step 4), kept because
 * four of the five HMACs of a check are its derivation.
 */
export function signingKey(secretAccessKey: string, scope: readonly string[]): KeyObject {
  const name = [secretAccessKey, ...scope].join("\n");
  const known = keys.get(name);
  if (known) return known;
  if (keys.size >= KEPT) keys.clear();
  const derived = scope.reduce<string | Buffer>(
    (from, part) => createHmac("sha256", from).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  const key = createSecretKey(Buffer.from(derived));
  keys.set(name, key);
  return key;
}
