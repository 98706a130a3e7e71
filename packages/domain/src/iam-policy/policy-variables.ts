import type { Segment } from "./wildcard.ts";

/** Condition keys of one request, lower case; a list where the key is multivalued. */
export type RequestContext = Readonly<Record<string, string | readonly string[]>>;

/**
 * Replaces `${key}` and `${key, 'default'}` by what the request's context says; `${*}`, `${?}` and `${$}` are those
 * characters themselves. Undefined when a variable without a default has no single value: then nothing matches.
 * Policies of version 2008-10-17 have no variables: their text stands as it is.
 */
export function expandVariables(
  text: string,
  context: RequestContext,
  version: string,
): readonly Segment[] | undefined {
  if (version !== "2012-10-17" || !text.includes("${")) return [{ text, literal: false }];
  const segments: Segment[] = [];
  let end = 0;
  for (const match of text.matchAll(/\$\{([^}]*)\}/g)) {
    const value = resolve(match[1] ?? "", context);
    if (value === undefined) return undefined;
    segments.push({ text: text.slice(end, match.index), literal: false }, { text: value, literal: true });
    end = match.index + match[0].length;
  }
  return [...segments, { text: text.slice(end), literal: false }];
}

function resolve(expression: string, context: RequestContext): string | undefined {
  if (["*", "?", "$"].includes(expression)) return expression;
  const [, key = "", fallback] = /^\s*([^,\s]+)\s*(?:,\s*'([^']*)'\s*)?$/.exec(expression) ?? [];
  const value = contextValue(context, key);
  if (typeof value === "string") return value;
  return value === undefined ? fallback : undefined;
}

/** A key's value; keys do not distinguish upper and lower case. */
export function contextValue(context: RequestContext, key: string): string | readonly string[] | undefined {
  const name = key.toLowerCase();
  return Object.hasOwn(context, name) ? context[name] : undefined;
}
