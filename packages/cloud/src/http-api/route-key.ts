/** `ANY /api/{proxy+}`, `GET /pets/{id}`, `$default`. */
export type RouteKey = {
  /** As declared. */
  readonly text: string;
  /** `ANY` for every method. */
  readonly method: string;
  /** Undefined for `$default`. */
  readonly segments: readonly Segment[] | undefined;
};

type Segment =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "one" | "rest"; readonly name: string };

export type PathParameters = Readonly<Record<string, string>>;

/** Throws for a key that API Gateway would refuse. */
export function parseRouteKey(text: string): RouteKey {
  if (text === "$default") return { text, method: "ANY", segments: undefined };
  const [, method = "", path = ""] = /^([A-Z]+) (\/.*)$/.exec(text) ?? [];
  if (method === "") throw new Error(`Route key "${text}" is neither "<METHOD> /<path>" nor $default`);
  const segments = split(path).map(parseSegment);
  const greedy = segments.findIndex(({ kind }) => kind === "rest");
  if (greedy >= 0 && greedy < segments.length - 1)
    throw new Error(`Route key "${text}": {name+} must come last`);
  return { text, method, segments };
}

/** The path's variables when the key fits, else undefined. `path` is decoded. */
export function matchRouteKey(key: RouteKey, method: string, path: string): PathParameters | undefined {
  if (key.method !== "ANY" && key.method !== method) return undefined;
  if (!key.segments) return {};
  const given = split(path);
  const found: [string, string][] = [];
  for (const [index, segment] of key.segments.entries()) {
    const value = segment.kind === "rest" ? given.slice(index).join("/") : given[index];
    if (value === undefined || (segment.kind !== "text" && value === "")) return undefined;
    if (segment.kind === "text" && segment.text !== value) return undefined;
    if (segment.kind !== "text") found.push([segment.name, value]);
    if (segment.kind === "rest") return Object.fromEntries(found);
  }
  return given.length === key.segments.length ? Object.fromEntries(found) : undefined;
}

/** Higher is more specific: full match, then variables, then greedy, then $default; a method before ANY. */
export function specificity({ method, segments }: RouteKey): number {
  if (!segments) return 0;
  const weights = { text: 4, one: 3, rest: 1 } as const;
  const path = segments.reduce((sum, { kind }) => sum * 5 + weights[kind], 1);
  return path * 2 + (method === "ANY" ? 0 : 1);
}

function split(path: string): string[] {
  return path.split("/").slice(1);
}

function parseSegment(text: string): Segment {
  const [, name, plus] = /^\{([\w.-]+)(\+?)\}$/.exec(text) ?? [];
  if (name === undefined) return { kind: "text", text };
  return { kind: plus === "+" ? "rest" : "one", name };
}
