import { styleText } from "node:util";
import { printable, printableJson } from "./sanitize.ts";
import { type Column, type Style, tableLines } from "./table.ts";

/** What of a stream is needed; `isTTY` as Node sets it on a terminal. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** What a command says: results on stdout, everything else on stderr. Colours only where the stream is a terminal. */
export type Terminal = {
  table<T>(columns: readonly Column<T>[], rows: readonly T[]): void;
  json(value: unknown): void;
  line(text: string): void;
  /** Text of our own, as it is: help and usage. */
  raw(text: string): void;
  rawError(text: string): void;
  /** A remark for people, on stderr. */
  note(text: string): void;
  error(text: string): void;
  /** A counter that overwrites itself, on stderr, only when that is a terminal. */
  progress(text: string): void;
  readonly good: Style;
  readonly bad: Style;
  readonly dim: Style;
};

export function terminal(stdout: OutputStream, stderr: OutputStream): Terminal {
  // `styleText` looks at the stream, NO_COLOR and FORCE_COLOR itself.
  const style = (format: Parameters<typeof styleText>[0], stream: OutputStream) => (text: string) =>
    styleText(format, text, { stream });
  const clearProgress = () => {
    if (stderr.isTTY) stderr.write("\r\u001b[K");
  };
  const say = (stream: OutputStream, text: string) => {
    clearProgress();
    stream.write(`${text}\n`);
  };
  return {
    table: (columns, rows) => {
      for (const line of tableLines(columns, rows, style("bold", stdout))) say(stdout, line);
    },
    json: (value) => say(stdout, printableJson(value)),
    line: (text) => say(stdout, printable(text)),
    raw: (text) => void stdout.write(text),
    rawError: (text) => void stderr.write(text),
    note: (text) => say(stderr, style("dim", stderr)(printable(text))),
    error: (text) => {
      const lines = text.split("\n").map(printable).join("\n");
      say(stderr, `${style("red", stderr)("tallyman:")} ${lines}`);
    },
    progress: (text) => {
      if (stderr.isTTY) stderr.write(`\r\u001b[K${printable(text)}`);
    },
    good: style("green", stdout),
    bad: style("red", stdout),
    dim: style("dim", stdout),
  };
}
