import type { Json } from "./json.ts";
import { EventPatternError } from "./pattern-error.ts";

/** `*` is any run of characters; `\*` and `\\` stand for themselves; `**` is refused, as by AWS. */
export function wildcard(pattern: string, path: readonly string[]): (value: Json) => boolean {
  if (/(?<!\\)(?:\\\\)*\*\*/.test(pattern))
    throw new EventPatternError(path, "consecutive wildcard characters are not allowed");
  const pieces: string[] = [""];
  for (let index = 0; index < pattern.length; index += 1) {
    let character = pattern.charAt(index);
    if (character === "*") {
      pieces.push("");
      continue;
    }
    if (character === "\\") {
      index += 1;
      character = pattern.charAt(index);
      if (character !== "*" && character !== "\\")
        throw new EventPatternError(path, "only \\* and \\\\ may be escaped");
    }
    pieces.push((pieces.pop() ?? "") + character);
  }
  return (value) => typeof value === "string" && matchesPieces(value, pieces);
}

/** Greedy from the left: linear in the value for each piece, so that no pattern can hang the bus. */
function matchesPieces(value: string, pieces: readonly string[]): boolean {
  const first = pieces[0] ?? "";
  const last = pieces.at(-1) ?? "";
  if (pieces.length === 1) return value === first;
  if (!value.startsWith(first)) return false;
  let position = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = value.indexOf(piece, position);
    if (found < 0) return false;
    position = found + piece.length;
  }
  return value.length - last.length >= position && value.endsWith(last);
}
