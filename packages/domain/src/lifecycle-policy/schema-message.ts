import type * as z from "zod";

type Issue = z.core.$ZodIssue;

/** ECR checks the document against a JSON Schema; these are the words of its validator, for the first problem. */
export function schemaMessage(issues: readonly Issue[]): string {
  const [first] = issues;
  if (first === undefined) throw new Error("A document without a problem has no message");
  if (isMissing(first)) {
    const names = issues.filter((issue) => isMissing(issue) && sameParent(issue, first)).map(lastKey);
    return `object has missing required properties (${JSON.stringify(names.toSorted())})`;
  }
  return messageOf(first);
}

function messageOf(issue: Issue): string {
  switch (issue.code) {
    case "unrecognized_keys":
      if (lastKey(issue) === "action") return NO_SCHEMA; // There it is a choice of two schemas.
      return `object instance has properties which are not allowed by the schema: (${JSON.stringify(issue.keys)})`;
    case "invalid_value":
      return lastKey(issue) === "countType" ? NO_SCHEMA : notInEnum(issue.input, issue.values);
    case "invalid_union":
      return NO_SCHEMA;
    case "invalid_type":
      return wrongType(issue.input, NUMBERS.has(issue.expected) ? "integer" : issue.expected);
    case "too_small":
      return tooSmall(issue);
    case "too_big":
      return tooBig(issue);
    default:
      return issue.message;
  }
}

const NO_SCHEMA = "instance failed to match exactly one schema (matched 0 out of 2)";

/** Every number of the document is whole. */
const NUMBERS: ReadonlySet<string> = new Set(["int", "number"]);

function isMissing(issue: Issue): boolean {
  return (
    (issue.code === "invalid_type" || issue.code === "invalid_value" || issue.code === "invalid_union") &&
    issue.input === undefined
  );
}

function sameParent(one: Issue, other: Issue): boolean {
  return one.path.slice(0, -1).join("/") === other.path.slice(0, -1).join("/");
}

function lastKey(issue: Issue): string {
  return String(issue.path.at(-1) ?? "");
}

function notInEnum(input: unknown, values: readonly unknown[]): string {
  return `instance value (${JSON.stringify(input)}) not found in enum (possible values: ${JSON.stringify(values)})`;
}

function wrongType(input: unknown, allowed: string): string {
  return `instance type (${typeOf(input)}) does not match any allowed primitive type (allowed: ["${allowed}"])`;
}

function typeOf(input: unknown): string {
  if (input === null) return "null";
  if (Array.isArray(input)) return "array";
  return Number.isInteger(input) ? "integer" : typeof input;
}

function tooSmall(issue: Extract<Issue, { code: "too_small" }>): string {
  if (issue.origin === "array")
    return `array is too short: must have at least ${issue.minimum} elements but instance has ${lengthOf(issue.input)} elements`;
  if (issue.origin === "string")
    return `string "${issue.input}" is too short (length: ${lengthOf(issue.input)}, required minimum: ${issue.minimum})`;
  return `numeric instance is lower than the required minimum (minimum: ${issue.minimum}, found: ${issue.input})`;
}

function tooBig(issue: Extract<Issue, { code: "too_big" }>): string {
  if (issue.origin === "array")
    return `array is too long: must have at most ${issue.maximum} elements but instance has ${lengthOf(issue.input)} elements`;
  return `numeric instance is greater than the required maximum (maximum: ${issue.maximum}, found: ${issue.input})`;
}

function lengthOf(input: unknown): number {
  return Array.isArray(input) || typeof input === "string" ? input.length : 0;
}
