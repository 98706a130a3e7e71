import type { RE2JS } from "re2js";

/** A selector's regular expression was used before its engine was loaded; `parsePolicy` loads it with the policy. */
export class RegexEngineMissingError extends Error {
  readonly code = "REGEX_ENGINE_MISSING";

  constructor() {
    super(
      "A regular expression was met before loadRegexEngine() was awaited; read the policy with parsePolicy()",
    );
    this.name = "RegexEngineMissingError";
  }
}

let engine: typeof RE2JS | undefined;

// Compiled once per pattern. A policy has at most 200 x 150 patterns, and one function sees few policies in its life.
const compiled = new Map<string, RE2JS>();

/** Loads RE2's engine (150 KB): only for a policy that has a regular expression. */
export async function loadRegexEngine(): Promise<void> {
  engine ??= (await import("re2js")).RE2JS;
}

/** Why a pattern is no RE2 regular expression; undefined: it is one. */
export function regexProblem(pattern: string): string | undefined {
  try {
    regexOf(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof RegexEngineMissingError) throw error;
    return `not an RE2 regular expression: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Whether the whole tag matches; in time linear in its length, whatever the pattern. */
export function matchesRegex(pattern: string, tag: string): boolean {
  return regexOf(pattern).matches(tag);
}

function regexOf(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known) return known;
  if (engine === undefined) throw new RegexEngineMissingError();
  const regex = engine.compile(pattern);
  compiled.set(pattern, regex);
  return regex;
}
