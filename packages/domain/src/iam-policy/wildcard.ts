import { keptAnswers } from "../kept/kept-answers.ts";

/** Any run of characters (`*`), the empty one included. */
export const anyRun = Symbol("*");
/** Exactly one character (`?`). */
export const anyOne = Symbol("?");

/** A pattern in pieces: one literal character each, or a wildcard. */
export type Token = string | typeof anyRun | typeof anyOne;

/** Text of a policy; `literal` text comes from a policy variable, where `*` and `?` are ordinary characters. */
export type Segment = { readonly text: string; readonly literal: boolean };

export function tokenize(segments: readonly Segment[]): readonly Token[] {
  const [only, ...more] = segments;
  if (only && !only.literal && more.length === 0) return tokensOf(only.text);
  return segments.flatMap(piecesOf);
}

/** Every call asks the patterns of the same policies again. */
const tokensOf = keptAnswers(2000, (pattern) => piecesOf({ text: pattern, literal: false }));

function piecesOf({ text, literal }: Segment): readonly Token[] {
  return Array.from(text, (character) => (literal ? character : (wildcards[character] ?? character)));
}

const wildcards: Readonly<Record<string, Token>> = { "*": anyRun, "?": anyOne };

/**
 * Whether the whole text matches. On a mismatch it returns to the last `*` only, so the worst case is the product of the
 * two lengths: no pattern that a user stores can make an evaluation explode.
 */
export function matchesTokens(tokens: readonly Token[], text: string): boolean {
  // A character beyond U+FFFF is two code units, and yet one character to `?`.
  const characters = /[\ud800-\udfff]/.test(text) ? Array.from(text) : text;
  let token = 0;
  let position = 0;
  let lastRun = -1;
  let runEnd = 0;
  while (position < characters.length) {
    const current = tokens[token];
    if (current === anyRun) {
      lastRun = token++;
      runEnd = position;
    } else if (current === anyOne || current === characters[position]) {
      token++;
      position++;
    } else if (lastRun >= 0) {
      token = lastRun + 1;
      position = ++runEnd;
    } else {
      return false;
    }
  }
  return tokens.slice(token).every((rest) => rest === anyRun);
}

/** Whether `text` matches a pattern with `*` and `?`, upper and lower case being different. */
export function matchesWildcard(pattern: string, text: string): boolean {
  return matchesTokens(tokenize([{ text: pattern, literal: false }]), text);
}

/** Actions (`ecr:Put*`) do not distinguish upper and lower case. */
export function matchesAction(pattern: string, action: string): boolean {
  return matchesWildcard(pattern.toLowerCase(), action.toLowerCase());
}
