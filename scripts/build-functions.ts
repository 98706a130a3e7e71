import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import type { OutputFile } from "esbuild";
import { bundle } from "./bundle.ts";

const root = join(import.meta.dirname, "..");

export type Bundle = { readonly name: string; readonly files: number; readonly bytes: number };
export type BundleOptions = {
  /** Where the folders go, one per function. */
  readonly out: string;
  /** Linked source maps beside the code; they are not deployed. */
  readonly sourceMaps?: boolean;
  /** Which functions; all of them otherwise. */
  readonly names?: readonly string[];
};

/** Every folder of functions/ that has a main.ts, sorted. */
export function functionNames(): readonly string[] {
  return readdirSync(join(root, "functions"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, "functions", entry.name, "main.ts")))
    .map((entry) => entry.name)
    .sort();
}

/** Bundles every function into `<out>/<name>/bundle.mjs` and its chunks. The same sources give the same bytes. */
export async function buildFunctions(options: BundleOptions): Promise<readonly Bundle[]> {
  return Promise.all((options.names ?? functionNames()).map((name) => buildFunction(name, options)));
}

async function buildFunction(name: string, { out, sourceMaps = false }: BundleOptions): Promise<Bundle> {
  const folder = join(out, name);
  const { files } = await bundle(`functions/${name}/main.ts`, folder, sourceMaps);
  writeFolder(folder, files);
  const code = files.filter((file) => file.path.endsWith(".mjs"));
  return { name, files: code.length, bytes: code.reduce((sum, file) => sum + file.contents.byteLength, 0) };
}

/** Writes what changed, then removes what is no longer made: a process that runs from the folder never misses a file it needs. */
function writeFolder(folder: string, files: readonly OutputFile[]): void {
  mkdirSync(folder, { recursive: true });
  const entryLast = files.toSorted((a, b) => Number(isEntry(a)) - Number(isEntry(b)));
  for (const file of entryLast) {
    mkdirSync(dirname(file.path), { recursive: true });
    if (!sameContents(file)) writeFileSync(file.path, file.contents);
  }
  const made = new Set(files.map((file) => relative(folder, file.path)));
  for (const old of readdirSync(folder)) {
    if (!made.has(old)) rmSync(join(folder, old), { recursive: true });
  }
}

function isEntry(file: OutputFile): boolean {
  return file.path.endsWith("/bundle.mjs");
}

function sameContents(file: OutputFile): boolean {
  return existsSync(file.path) && readFileSync(file.path).equals(file.contents);
}
