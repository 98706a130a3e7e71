import { arrayEntries, type Json } from "./json.ts";
import { EventPatternError } from "./pattern-error.ts";
import { compileMatchers, type Matcher } from "./pattern-matchers.ts";

export type EventMatcher = (event: Json) => boolean;

/**
 * Compiles an EventBridge event pattern (Amazon EventBridge User Guide, "Comparison operators for use in event
 * patterns"). All fields must match; an array in the event matches when one of its elements does.
 */
export function compilePattern(pattern: unknown): EventMatcher {
  if (!isObject(pattern) || Object.keys(pattern).length === 0)
    throw new EventPatternError([], "a pattern is an object with at least one field");
  return compileObject(pattern, []);
}

function compileObject(pattern: Record<string, unknown>, path: readonly string[]): EventMatcher {
  const tests = Object.entries(pattern).map(([field, value]): EventMatcher => {
    if (field === "$or") return compileOr(value, [...path, field]);
    return compileField(field, value, [...path, field]);
  });
  return (event) => tests.every((test) => test(event));
}

function compileOr(value: unknown, path: readonly string[]): EventMatcher {
  if (!Array.isArray(value) || value.length < 2 || !value.every(isObject))
    throw new EventPatternError(path, "$or takes an array of at least two patterns");
  const branches = value.map((branch, index) => compileObject(branch, [...path, String(index)]));
  return (event) => branches.some((branch) => branch(event));
}

function compileField(field: string, value: unknown, path: readonly string[]): EventMatcher {
  if (Array.isArray(value)) {
    const matchers = compileMatchers(value, path);
    return (event) => matchesValue(isObject(event) ? event[field] : undefined, matchers);
  }
  if (!isObject(value) || Object.keys(value).length === 0)
    throw new EventPatternError(path, "a field takes an array of values, or an object with fields");
  const nested = compileObject(value, path);
  return (event) => nestedIn(isObject(event) ? event[field] : undefined).some(nested);
}

/** Objects below a field: an array of objects matches when one of them does. A missing one can still be `exists: false`. */
function nestedIn(value: Json | undefined): readonly Json[] {
  if (Array.isArray(value)) return value.length === 0 ? [{}] : value;
  return [isObject(value) ? value : {}];
}

/** `exists` asks about leaves: an object below the field is no leaf, an empty array is no value. */
function matchesValue(value: Json | undefined, matchers: readonly Matcher[]): boolean {
  const leaves = arrayEntries(value).filter((entry) => !isObject(entry));
  return matchers.some((matcher) =>
    matcher.kind === "exists" ? matcher.exists === leaves.length > 0 : leaves.some(matcher.test),
  );
}

function isObject(value: unknown): value is Record<string, Json> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
