import type * as z from "../zod.ts";
import { Policy } from "./policy.ts";
import { loadRegexEngine } from "./regex.ts";

/** One problem and where it stands: the path leads to the key or value itself, so that a line can be shown. */
export type PolicyProblem = { readonly path: readonly (string | number)[]; readonly message: string };

/** The document is not a policy. `problems` holds all of them, not only the first. */
export class InvalidPolicyError extends Error {
  readonly code = "INVALID_POLICY";
  readonly problems: readonly PolicyProblem[];

  constructor(problems: readonly PolicyProblem[], options?: ErrorOptions) {
    const lines = problems.map(({ path, message }) => `${path.join(".") || "policy"}: ${message}`);
    super(`The policy has ${problems.length} problem(s): ${lines.join("; ")}`, options);
    this.name = "InvalidPolicyError";
    this.problems = problems;
  }
}

/**
 * Reads a parsed YAML or JSON document as a policy. Throws InvalidPolicyError with every problem. Loads the engine for
 * regular expressions when the document has one: most have none, and a cold start should not pay for it.
 */
export async function parsePolicy(document: unknown): Promise<Policy> {
  if (mentionsRegex(document)) await loadRegexEngine();
  const parsed = Policy.safeParse(document);
  if (parsed.success) return parsed.data;
  throw new InvalidPolicyError(parsed.error.issues.flatMap(problemsOf), { cause: parsed.error });
}

/** Any key or text `regex` will do: loading the engine without need costs a moment, missing it would be an error. */
function mentionsRegex(document: unknown): boolean {
  try {
    return JSON.stringify(document)?.includes('"regex"') ?? false;
  } catch {
    // A YAML alias that holds itself.
    return true;
  }
}

function problemsOf(issue: z.core.$ZodIssue): readonly PolicyProblem[] {
  const path = issue.path.filter((part) => typeof part !== "symbol");
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path: [...path, key], message: `unknown key "${key}"` }));
  }
  if (issue.code === "invalid_union") return [{ path, message: unionMessage(issue) }];
  return [{ path, message: issue.message }];
}

/** Of a selector's four forms, the one that was meant: the first whose keys were recognised. */
function unionMessage(issue: z.core.$ZodIssueInvalidUnion): string {
  const forms = issue.errors.filter((form) => form.every(isAboutAValue));
  const meant = forms[0]?.[0];
  return meant?.message ?? "a tag selector is a glob, { glob }, { format: semver | git-sha } or { regex }";
}

function isAboutAValue(issue: z.core.$ZodIssue): boolean {
  return issue.path.length > 0 && issue.code !== "unrecognized_keys" && !isMissing(issue);
}

function isMissing(issue: z.core.$ZodIssue): boolean {
  return issue.code === "invalid_type" && issue.message.includes("received undefined");
}
