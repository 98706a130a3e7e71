import { stripVTControlCharacters, styleText } from "node:util";
import type { LiveLine } from "./live-line.ts";

/** `columns`: the terminal's width, at which a line is cut; undefined: never. */
export type LineFormat = {
  readonly colour: boolean;
  readonly json: boolean;
  readonly columns?: number | undefined;
};

type Tint = "cyan" | "green" | "magenta" | "red" | "yellow" | "blue";

const tints: Readonly<Record<string, Tint>> = {
  push: "green",
  delete: "red",
  violation: "red",
  slack: "magenta",
  denied: "red",
};

/** The longest of what functions say of an image: "repository reconciled". */
const labelWidth = 21;

/** Shown in places of their own, or too long for a screen; `--json` has all of them. */
const placed = new Set([
  "registry",
  "repository",
  "tag",
  "digest",
  "verdict",
  "rule",
  "reason",
  "key",
  "run",
]);

/**
 * One line of text, without a line break: time, what happened, to which image, in which registry, why. Image text can
 * neither move the cursor nor fake a line.
 */
export function formatLine(line: LiveLine, { colour, json, columns }: LineFormat): string {
  if (json)
    return JSON.stringify({
      ...line.fields,
      at: line.at.toISOString(),
      level: line.level,
      source: line.source,
      message: line.message,
    });
  const time = line.at.toISOString().slice(11, 19);
  const { label, rest } = parts(line);
  const room = columns === undefined ? undefined : columns - time.length - label.length - 4;
  const shown = room === undefined || rest.length <= room ? rest : `${rest.slice(0, Math.max(room - 1, 0))}…`;
  if (!colour) return `${time}  ${label}  ${shown}`;
  return `${paint("gray", time)}  ${paint(tint(line, label), label)}  ${shown}`;
}

/** What happened to an image begins with that; anything else with who says it. */
function parts({ level, source, message, fields }: LiveLine): { label: string; rest: string } {
  const { registry, repository, reason, verdict } = fields;
  const others = Object.entries(fields)
    .filter(([name, value]) => !placed.has(name) && value !== undefined && value !== "")
    .map(([name, value]) => `${name}=${show(value)}`);
  const place = typeof registry === "string" ? printable(registry).padEnd(22) : "";
  if (typeof repository !== "string") {
    return {
      label: printable(source).padEnd(labelWidth),
      rest: join([printable(message), place, ...others]),
    };
  }
  const who = level === "warn" || level === "error" ? [`in=${show(source)}`] : [];
  const why = typeof reason === "string" ? printable(reason) : "";
  const label = printable(typeof verdict === "string" ? verdict : message).padEnd(labelWidth);
  return { label, rest: join([image(fields).padEnd(24), place, why, ...others, ...who]) };
}

/** `repository:tag`, or by digest where there is no tag. */
function image({ repository, tag, digest }: LiveLine["fields"]): string {
  const name = printable(String(repository));
  if (typeof tag === "string" && tag !== "") return `${name}:${printable(tag)}`;
  return typeof digest === "string" && digest !== "" ? `${name}@${printable(digest)}` : name;
}

function join(texts: readonly string[]): string {
  return texts
    .filter((text) => text !== "")
    .join("  ")
    .trimEnd();
}

function show(value: unknown): string {
  const text = typeof value === "string" ? value : value instanceof Object ? summary(value) : String(value);
  const shown = printable(text).slice(0, 200);
  return /\s/.test(shown) ? JSON.stringify(shown) : shown;
}

/** Of an error what it says, without its stack. */
function summary(value: object): string {
  if ("message" in value && typeof value.message === "string") return value.message;
  return JSON.stringify(value);
}

function tint({ level }: LiveLine, label: string): Tint {
  if (level === "error") return "red";
  return level === "warn" ? "yellow" : (tints[label.trim()] ?? "blue");
}

function paint(style: Tint | "gray", text: string): string {
  return styleText(style, text, { validateStream: false });
}

function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "\ufffd");
}
