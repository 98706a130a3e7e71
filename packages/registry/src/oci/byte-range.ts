/** First and last byte, both inclusive. */
export type ByteRange = { readonly start: number; readonly end: number };

/**
 * The one range that a Range header asks for of `size` bytes (RFC 9110 section 14): `undefined` to send everything
 * (no header, several ranges, another unit), `"unsatisfiable"` for 416.
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | "unsatisfiable" | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  if (first === "") return range(Math.max(0, size - Number(last)), size - 1);
  return range(Number(first), last === "" ? size - 1 : Math.min(Number(last), size - 1));
}

function range(start: number, end: number): ByteRange | "unsatisfiable" {
  return start > end ? "unsatisfiable" : { start, end };
}
