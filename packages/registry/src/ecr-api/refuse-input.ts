import type * as z from "zod";
import { EcrError, invalidParameter } from "../core/errors.ts";

type Issue = z.core.$ZodIssue;

/**
 * What ECR answers to an input that breaks its schema: a JSON type that is not the member's is a SerializationException,
 * seen before everything else; a broken bound an InvalidParameterException that names the member, in AWS's words. The input
 * must have been parsed with `reportInput`.
 */
export function refusalOf({ issues }: z.ZodError): EcrError {
  const wrongType = issues.map(typeProblem).find((problem) => problem !== undefined);
  if (wrongType !== undefined) return new EcrError("SerializationException", wrongType);
  const [issue] = issues;
  if (issue === undefined) return invalidParameter("request", "invalid");
  const { name, element } = memberOf(issue.path);
  const text = constraintOf(issue, OLDER_MEMBERS.has(name) ? "must" : "Member must");
  return invalidParameter(name, element ? `Member must satisfy constraint: [${text}]` : text);
}

/** The constraint of a member whose regular expression (of the service model, not anchored) is not the one that is tried. */
export function patternConstraint(pattern: string): string {
  return `Member must satisfy regular expression pattern: ${pattern}`;
}

/** Members whose constraints ECR words without "Member" and with the regular expression in quotes. */
const OLDER_MEMBERS: ReadonlySet<string> = new Set(["registryId", "repositoryName"]);

/** `tags.2.member.key`: lists count from 1. A scalar in a list is told by the list's name. */
function memberOf(path: readonly PropertyKey[]): { readonly name: string; readonly element: boolean } {
  const element = typeof path.at(-1) === "number";
  const named = element ? path.slice(0, -1) : path;
  const name = named
    .map((part) => (typeof part === "number" ? `${part + 1}.member` : lowerFirst(String(part))))
    .join(".");
  // Of `repositoryNames` ECR says what it says of `repositoryName`.
  return element && name === "repositoryNames"
    ? { name: "repositoryName", element: false }
    : { name, element };
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

/** Undefined where the JSON type is right, or nothing was given. */
function typeProblem({ code, input, ...issue }: Issue): string | undefined {
  if (code !== "invalid_type" && code !== "invalid_value") return undefined;
  const expected = "expected" in issue ? String(issue.expected) : "string";
  if (input === undefined || (code === "invalid_value" && typeof input === "string")) return undefined;
  if (Array.isArray(input)) return "Start of list found where not expected";
  if (typeof input === "object") return "Start of structure or map found where not expected.";
  if (expected === "array") return "Expected list or null";
  if (expected === "object" || expected === "record") return "Expected structure or null";
  return `${nameOfValue(input)} can not be converted to ${TYPES[expected] ?? "a String"}`;
}

const TYPES: Readonly<Record<string, string>> = {
  boolean: "a Boolean",
  int: "an Integer",
  number: "an Integer",
};

function nameOfValue(input: unknown): string {
  if (typeof input === "boolean") return input ? "TRUE_VALUE" : "FALSE_VALUE";
  if (typeof input === "number") return Number.isInteger(input) ? "NUMBER_VALUE" : "DECIMAL_VALUE";
  return "STRING_VALUE";
}

function constraintOf(issue: Issue, must: string): string {
  if (issue.input === undefined) return `${must} not be null`;
  switch (issue.code) {
    case "too_small":
      return `${must} have ${measureOf(issue.origin)} greater than or equal to ${issue.minimum}`;
    case "too_big":
      return `${must} have ${measureOf(issue.origin)} less than or equal to ${issue.maximum}`;
    case "invalid_value":
      return `${must} satisfy enum value set: [${issue.values.join(", ")}]`;
    case "invalid_format": {
      const pattern = patternOf(issue.pattern ?? "");
      return must === "must" ? `must satisfy regular expression '${pattern}'` : patternConstraint(pattern);
    }
    default:
      return issue.message;
  }
}

function measureOf(origin: string): "value" | "length" {
  return origin === "string" || origin === "array" ? "length" : "value";
}

/** The regular expression of a service model, which is never anchored: `/^[0-9]{12}$/` -> `[0-9]{12}`. */
function patternOf(source: string): string {
  return source
    .replace(/^\/\^?/, "")
    .replace(/\$?\/[a-z]*$/, "")
    .replaceAll("\\/", "/");
}
