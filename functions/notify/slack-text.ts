/** C0 and C1 controls, line and paragraph separators, and what reorders or hides text (bidi marks, zero width). */
const INVISIBLE =
  /[\p{Cc}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u{e0000}-\u{e007f}]+/gu;

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/**
 * Hostile text as one line that Slack shows as it is: the three characters that begin mentions, links and entities are
 * escaped, and nothing else, as Slack asks (https://docs.slack.dev/messaging/formatting-message-text, "Escaping text").
 * `limit` counts the characters that are sent, after escaping; an escape is never cut in half.
 */
export function slackText(hostile: string, limit: number): string {
  const plain = hostile.replace(INVISIBLE, " ").trim();
  const pieces = Array.from(plain, (character) => ESCAPES[character] ?? character);
  if (lengthOf(pieces) <= limit) return pieces.join("");
  let kept = "";
  for (const piece of pieces) {
    if (kept.length + piece.length + 1 > limit) break;
    kept += piece;
  }
  return `${kept}…`;
}

function lengthOf(pieces: readonly string[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}
