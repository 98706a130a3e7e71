import { MalformedPolicyError, parsePolicy } from "@tallyman/domain/iam-policy/policy-document";
import { EcrError } from "../core/errors.ts";

/** Refuses what IAM could not evaluate as a resource policy, and says what is wrong with it. */
export function requirePolicyDocument(text: string, kind: "repository" | "registry"): void {
  try {
    parsePolicy(text, "resource");
  } catch (error) {
    if (!(error instanceof MalformedPolicyError)) throw error;
    throw new EcrError(
      "InvalidParameterException",
      "Invalid parameter at 'PolicyText' failed to satisfy constraint: " +
        `'Invalid ${kind} policy provided: ${error.problems.join("; ")}'`,
    );
  }
}
