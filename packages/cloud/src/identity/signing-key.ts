import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import { keptAnswers } from "@tallyman/domain/kept/kept-answers";

/** A caller signs all day with one key for each service and Region. */
const KEPT = 1000;

/**
 * The key of one day, Region and service, derived from a secret access key
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, step 4), kept because
 * four of the five HMACs of a check are its derivation.
 */
export function signingKey(secretAccessKey: string, scope: readonly string[]): KeyObject {
  return keys(JSON.stringify([secretAccessKey, ...scope]));
}

const keys = keptAnswers(KEPT, (name) => {
  const [secretAccessKey, ...scope] = JSON.parse(name) as [string, ...string[]];
  const derived = scope.reduce<string | Buffer>(
    (from, part) => createHmac("sha256", from).update(part).digest(),
    `AWS4${secretAccessKey}`,
  );
  return createSecretKey(Buffer.from(derived));
});
