import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import type * as z from "zod";
import { allowedKeys } from "./allowed-keys.ts";
import { SourceFileError, type SourceProblem } from "./source-problem.ts";

type Source = { readonly document: Document; readonly lines: LineCounter; readonly schema: z.ZodType };

/**
 * One strict YAML document, checked against `schema`. Throws a SourceFileError that names every problem with line and
 * column: YAML's own errors and warnings (duplicate keys and unknown tags too) first, then what the schema says.
 */
export function parseYaml<Schema extends z.ZodType>(
  text: string,
  file: string,
  schema: Schema,
): z.output<Schema> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    const at = (offset: number) => position(lines, offset);
    throw new SourceFileError(
      file,
      faults.map((fault) => ({ ...at(fault.pos[0]), message: fault.message })),
    );
  }
  const result = schema.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (result.success) return result.data;
  const source = { document, lines, schema };
  throw new SourceFileError(
    file,
    result.error.issues.flatMap((issue) => problemsOf(issue, source)),
  );
}

function problemsOf(issue: z.core.$ZodIssue, source: Source): readonly SourceProblem[] {
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    return closestMatch(issue).flatMap((inner) =>
      problemsOf({ ...inner, path: [...issue.path, ...inner.path] }, source),
    );
  }
  if (issue.code !== "unrecognized_keys") {
    const node = closestNode(source.document, issue.path);
    return [{ ...startOf(node, source.lines), message: describe(issue, node) }];
  }
  const allowed = allowedKeys(source.schema, issue.path);
  const hint = allowed.length === 0 ? "" : `; allowed here: ${allowed.join(", ")}`;
  return issue.keys.map((key) => ({
    ...startOf(keyNode(source.document, issue.path, key), source.lines),
    message: `unknown key "${key}"${hint}`,
  }));
}

/** Of the shapes a union offers, the one that the author came nearest to: it has the fewest problems. */
function closestMatch(issue: z.core.$ZodIssueInvalidUnion): readonly z.core.$ZodIssue[] {
  return issue.errors.toSorted((a, b) => a.length - b.length)[0] ?? [];
}

function describe(issue: z.core.$ZodIssue, node: Node | undefined): string {
  const where = issue.path.length === 0 ? "" : `${issue.path.map(String).join(".")}: `;
  // YAML reads 1.10 as the number 1.1; the commonest slip in a list of tags.
  const unquoted = isScalar(node) && typeof node.value !== "string" && /expected string/.test(issue.message);
  return `${where}${issue.message}${unquoted ? " (put it in quotes)" : ""}`;
}

/** The node at the path, or the nearest one above it that the document has. */
function closestNode(document: Document, path: readonly PropertyKey[]): Node | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node;
  }
  return undefined;
}

function keyNode(document: Document, path: readonly PropertyKey[], key: string): Node | undefined {
  const map = document.getIn(path, true);
  const pair = isMap(map)
    ? map.items.find((it) => isScalar(it.key) && String(it.key.value) === key)
    : undefined;
  return isNode(pair?.key) ? pair.key : undefined;
}

function startOf(node: Node | undefined, lines: LineCounter): { line: number; column: number } {
  return position(lines, node?.range?.[0] ?? 0);
}

function position(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
