/** A policy has at most 200 x 150 globs, and one function sees few policies in its life: each is cut up once. */
const cutUp = new Map<string, readonly string[]>();

/**
 * Whether a glob matches the whole of a repository name or tag. `*`: any run of characters without `/`. `**`: any run.
 * `**` and its `/` together: any run that ends in `/`, or nothing. Every other character stands for itself.
 *
 * All ways to match are followed side by side, which takes at most (characters of the glob) x (characters of the name)
 * steps: no glob that a user writes and no name that an attacker pushes makes it explode.
 */
export function matchesGlob(glob: string, name: string): boolean {
  const wildcard = glob.indexOf("*");
  if (wildcard === -1) return glob === name;
  if (!name.startsWith(glob.slice(0, wildcard))) return false;
  const pieces = piecesOf(glob);
  let reached = new Uint8Array(pieces.length + 1);
  reached[0] = BEFORE;
  skipEmpty(pieces, reached);
  for (const character of name) {
    reached = advance(pieces, reached, character);
    skipEmpty(pieces, reached);
  }
  return ((reached[pieces.length] ?? 0) & BEFORE) !== 0;
}

// Where the ways to match stand, one byte for each piece; a piece can be both.
/** Everything before the piece is matched, and nothing of it yet. */
const BEFORE = 1;
/** In the run of a `**` with its `/`, which ends at some `/`. */
const INSIDE = 2;

/** Where each way stands after one more character; a way that the character does not fit ends. */
function advance(pieces: readonly string[], reached: Uint8Array, character: string) {
  const next = new Uint8Array(reached.length);
  const mark = (i: number, where: number) => {
    next[i] = (next[i] ?? 0) | where;
  };
  for (const [i, piece] of pieces.entries()) {
    if (!reached[i]) continue;
    if (piece === "**/") {
      mark(i, INSIDE);
      if (character === "/") mark(i + 1, BEFORE);
    } else if (piece === "**" || piece === "*") {
      if (piece === "**" || character !== "/") mark(i, BEFORE);
    } else if (piece === character) {
      mark(i + 1, BEFORE);
    }
  }
  return next;
}

/** Each wildcard may stand for nothing. */
function skipEmpty(pieces: readonly string[], reached: Uint8Array): void {
  for (const [i, piece] of pieces.entries()) {
    const here = reached[i] ?? 0;
    if (here & BEFORE && piece.startsWith("*")) reached[i + 1] = (reached[i + 1] ?? 0) | BEFORE;
  }
}

function piecesOf(glob: string): readonly string[] {
  const known = cutUp.get(glob);
  if (known) return known;
  const pieces = glob.match(/\*\*\/|\*\*|\*|[^*]/gu) ?? [];
  cutUp.set(glob, pieces);
  return pieces;
}
