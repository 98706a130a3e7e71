import { invalidParameter } from "./errors.ts";

/** Far more than any manifest needs. */
const MAX_DEPTH = 100;

/**
 * Reads the JSON of a manifest: UTF-8 without a byte order mark, not deeply nested, no member twice in one object,
 * because readers that take the first of two and readers that take the last see two different images.
 *
 * Throws InvalidParameterException.
 */
export function parseJsonDocument(bytes: Uint8Array): unknown {
  const text = decode(bytes);
  requireShallow(text);
  const value = parse(text);
  requireUniqueNames(text);
  return value;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalidSyntax();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalidSyntax();
  }
}

function invalidSyntax() {
  return invalidParameter("ImageManifest", "Invalid JSON syntax");
}

/** Before anything else: `JSON.parse` takes a second for four megabytes of brackets. `text` may be anything. */
function requireShallow(text: string): void {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString && character === "\\") at++;
    else if (character === '"') inString = !inString;
    else if (inString) continue;
    else if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") depth--;
    if (depth > MAX_DEPTH)
      throw invalidParameter("imageManifest", `Member must not be nested deeper than ${MAX_DEPTH}`);
  }
}

/** Throws for a member that stands twice in one object. `text` is JSON. */
function requireUniqueNames(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  let string = "";
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      string = text.slice(at, end + 1);
      at = end;
    } else if (character === "{") open.push(new Set());
    else if (character === "[") open.push(undefined);
    else if (character === "}" || character === "]") open.pop();
    else if (character === ":") requireNew(open.at(-1), String(JSON.parse(string)));
  }
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}

function requireNew(names: Set<string> | undefined, name: string): void {
  if (names?.has(name))
    throw invalidParameter("imageManifest", `Member '${name}' must not stand twice in one object`);
  names?.add(name);
}
