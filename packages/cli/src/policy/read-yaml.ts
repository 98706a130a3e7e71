import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument } from "yaml";
import { type Position, SourceFileError } from "./source-problem.ts";

export type YamlSource = {
  /** The document as plain data. */
  readonly value: unknown;
  /**
   * Where the value at the path stands; for a key of a map, the key. A path into nothing (a missing key) gives the
   * nearest place above it.
   */
  positionOf(path: readonly PropertyKey[]): Position;
};

/** Reads one YAML 1.2 document. Duplicate keys, unknown tags and more than 100 uses of aliases are errors: SourceFileError. */
export function readYaml(text: string, file: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    throw new SourceFileError(
      file,
      faults.map((fault) => ({ ...position(lines, fault.pos[0]), message: fault.message })),
    );
  }
  return {
    value: plain(document, file),
    positionOf: (path) => position(lines, nearestNode(document, path)?.range?.[0] ?? 0),
  };
}

function plain(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    if (!(error instanceof ReferenceError)) throw error;
    throw new SourceFileError(file, [{ line: 1, column: 1, message: error.message }]);
  }
}

function nearestNode(document: Document, path: readonly PropertyKey[]): Node | undefined {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    const node = isMap(parent) ? keyIn(parent.items, last) : document.getIn(path.slice(0, length), true);
    if (isNode(node)) return node;
  }
  return document.contents ?? undefined;
}

function keyIn(items: readonly { readonly key: unknown }[], name: PropertyKey | undefined): unknown {
  return items.find((it) => isScalar(it.key) && String(it.key.value) === String(name))?.key;
}

function position(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
