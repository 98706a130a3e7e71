import { basename } from "node:path";
import { build, type Metafile, type OutputFile } from "esbuild";
import { bundleOptions } from "./bundle-options.ts";
import { type Chunk, mergeChunks } from "./merge-chunks.ts";

/** A function's files as they are deployed: `bundle.mjs`, which Lambda loads, `start.mjs`, and what is loaded later. */
export type Bundled = {
  readonly files: readonly OutputFile[];
  /** The files that a cold start reads. */
  readonly cold: readonly OutputFile[];
  /** The source files of which something is in those, as paths from the repository's root. */
  readonly coldSources: readonly string[];
};

/**
 * Bundles a function for `folder`; nothing is written. A start reads two files: where code is shared with what is
 * loaded later, esbuild makes a file of each part, many of a few hundred bytes, and a start would open and link all of them.
 */
export async function bundle(entryPoint: string, folder: string, sourceMaps = false): Promise<Bundled> {
  const sourcemap = sourceMaps ? "linked" : false;
  const { outputFiles, metafile } = await build({
    ...bundleOptions(entryPoint, folder),
    sourcemap,
    metafile: true,
  });
  const code = Object.keys(metafile.outputs).filter((path) => path.endsWith(".mjs"));
  const cold = startOf(metafile);
  const [, ...shared] = cold;
  const chunk = (path: string) => chunkOf(outputFiles, path, metafile.outputs[path]?.exports ?? []);
  const others = code.filter((path) => !shared.includes(path)).map(chunk);
  const files = await mergeChunks({ start: shared.map(chunk), others }, { folder, sourceMaps });
  return {
    files,
    cold: files.filter(({ path }) => /\/(bundle|start)\.mjs$/.test(path)),
    coldSources: cold.flatMap((path) => {
      const inputs = Object.entries(metafile.outputs[path]?.inputs ?? {});
      return inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([source]) => source);
    }),
  };
}

/** The entry point and what it imports statically, directly or not; the entry point first. */
function startOf({ outputs }: Metafile): readonly string[] {
  const found = new Set<string>();
  const load = (path: string): void => {
    const output = outputs[path];
    if (output === undefined || found.has(path)) return;
    found.add(path);
    for (const { path: next, kind, external } of output.imports) {
      if (kind === "import-statement" && !external) load(next);
    }
  };
  load(Object.keys(outputs).find((path) => path.endsWith("/bundle.mjs")) ?? "");
  return [...found];
}

function chunkOf(files: readonly OutputFile[], path: string, exports: readonly string[]): Chunk {
  const file = basename(path);
  const textOf = (name: string) => files.find((it) => basename(it.path) === name)?.text;
  const code = textOf(file);
  if (code === undefined) throw new Error(`esbuild made no ${file}`);
  const map = textOf(`${file}.map`);
  return { name: basename(file, ".mjs"), code, exports, ...(map !== undefined && { map }) };
}
