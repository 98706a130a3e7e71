import { stripVTControlCharacters, styleText } from "node:util";
import type { LiveLine } from "./live-line.ts";

export type LineFormat = { readonly colour: boolean; readonly json: boolean };

const colours: Readonly<Record<string, "cyan" | "green" | "magenta" | "red" | "yellow" | "blue">> = {
  push: "green",
  delete: "red",
  replicate: "cyan",
  slack: "magenta",
  denied: "red",
};

/** One line of text, without a line break. Image text can neither move the cursor nor fake a line. */
export function formatLine(line: LiveLine, { colour, json }: LineFormat): string {
  if (json)
    return JSON.stringify({
      at: line.at.toISOString(),
      level: line.level,
      source: line.source,
      message: line.message,
      ...line.fields,
    });
  const fields = Object.entries(line.fields)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]) => `${name}=${show(value)}`);
  const source = printable(line.source).padEnd(18);
  const rest = [printable(line.message), ...fields].join("  ");
  if (!colour) return `${line.at.toISOString().slice(11, 19)}  ${source} ${rest}`;
  const tint =
    line.level === "error" ? "red" : line.level === "warn" ? "yellow" : (colours[line.source] ?? "blue");
  return `${styleText("gray", line.at.toISOString().slice(11, 19), { validateStream: false })}  ${styleText(tint, source, { validateStream: false })} ${rest}`;
}

function show(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  const shown = printable(text ?? "").slice(0, 200);
  return /\s/.test(shown) ? JSON.stringify(shown) : shown;
}

function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");
}
