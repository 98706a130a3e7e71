/** What an answer says at a place, or undefined: answers are not what we think until they have been looked at. */
export function at(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}

export function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === "string" && found !== "" ? found : undefined;
}

export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = at(value, ...path);
  return typeof found === "number" ? found : undefined;
}

/** Absent and null are an empty list, as Go writes one; anything else that is none throws. */
export function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = at(value, ...path) ?? [];
  if (!Array.isArray(found)) throw new Error(`${path.join(".")} is no list`);
  return found;
}

/** Throws, and says who answered so. */
export function parseJson(text: string, who: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${who} answered with what is not JSON: ${text.slice(0, 80)}`, { cause });
  }
}
