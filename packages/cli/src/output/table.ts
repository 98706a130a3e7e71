import { printable } from "./sanitize.ts";

export type Style = (text: string) => string;

export type Column<T> = {
  readonly title: string;
  readonly value: (row: T) => string;
  readonly align?: "right";
  /** Applied after the text was padded: colours take no width. */
  readonly style?: (row: T) => Style | undefined;
};

/** The lines of an aligned table, titles first; the last column is not padded. Values are made printable here. */
export function tableLines<T>(
  columns: readonly Column<T>[],
  rows: readonly T[],
  bold: Style,
): readonly string[] {
  const cells = rows.map((row) => columns.map((column) => printable(column.value(row))));
  const widths = columns.map(({ title }, i) =>
    cells.reduce((width, row) => Math.max(width, row[i]?.length ?? 0), title.length),
  );
  const line = (texts: readonly string[], styleOf: (index: number) => Style | undefined) =>
    texts
      .map((text, i) => (styleOf(i) ?? same)(pad(text, i)))
      .join("  ")
      .trimEnd();
  const pad = (text: string, i: number) => {
    if (columns[i]?.align === "right") return text.padStart(widths[i] ?? 0);
    return i === columns.length - 1 ? text : text.padEnd(widths[i] ?? 0);
  };
  const head = line(
    columns.map(({ title }) => title),
    () => bold,
  );
  return [head, ...rows.map((row, r) => line(cells[r] ?? [], (i) => columns[i]?.style?.(row)))];
}

function same(text: string): string {
  return text;
}
