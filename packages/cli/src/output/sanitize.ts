/**
 * What a terminal would obey or hide instead of showing: C0 and C1 controls, line and paragraph separators, bidi marks,
 * zero-width and tag characters. A tag, a repository's policy or an error of someone else's may contain any of them.
 */
const HOSTILE =
  /[\p{Cc}\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

/** The text on one line, with every hostile character spelled out: `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(HOSTILE, (it) => `\\u{${it.codePointAt(0)?.toString(16)}}`);
}

/** JSON, indented, in which hostile characters are escaped as JSON spells them: it still says exactly the same. */
export function printableJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(HOSTILE, (it) => (it === "\n" ? it : jsonEscape(it)));
}

function jsonEscape(character: string): string {
  return Array.from({ length: character.length }, (_, i) => character.charCodeAt(i))
    .map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`)
    .join("");
}
