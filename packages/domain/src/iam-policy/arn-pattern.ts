import { anyRun, matchesTokens, type Token } from "./wildcard.ts";

const components = 6;

/**
 * Compares an ARN with a pattern component by component, as IAM does: a wildcard stays within the part between two colons,
 * save in the last part, which may hold colons itself (`log-group:/aws/lambda/x:*`). A pattern that ends in `*` before
 * its sixth part (`*`, `arn:aws:logs:*`) matches whatever follows.
 */
export function matchesArn(pattern: readonly Token[], arn: string): boolean {
  const parts = partsOf(pattern);
  const shortened = parts.length < components;
  if (shortened && parts.at(-1)?.at(-1) !== anyRun) return parts.length === 1 && matchesTokens(pattern, arn);
  const values = splitText(arn, parts.length);
  return values.length === parts.length && parts.every((part, i) => matchesTokens(part, values[i] ?? ""));
}

type Parts = readonly (readonly Token[])[];

/** Of the patterns that are kept in pieces. */
const split = new WeakMap<readonly Token[], Parts>();

function partsOf(pattern: readonly Token[]): Parts {
  const parts = split.get(pattern) ?? splitTokens(pattern);
  split.set(pattern, parts);
  return parts;
}

function splitTokens(tokens: readonly Token[]): Parts {
  const parts: Token[][] = [[]];
  for (const token of tokens) {
    if (token === ":" && parts.length < components) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

/** At most `count` parts; the last one keeps its colons. */
function splitText(text: string, count: number): readonly string[] {
  const all = text.split(":");
  return [...all.slice(0, count - 1), ...(all.length >= count ? [all.slice(count - 1).join(":")] : [])];
}
