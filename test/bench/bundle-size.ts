import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { build, type Metafile } from "esbuild";
import { bundleOptions } from "../../scripts/bundle-options.ts";

export type BuiltBundle = {
  readonly name: string;
  readonly file: string;
  /** Everything that is deployed, in bytes. */
  readonly bytes: number;
  /** `bundle.mjs` and what it imports statically, in bytes: what a cold start reads. */
  readonly coldBytes: number;
};

/** Builds one bundle as `npm run build` does, into a folder of its own below `out`. */
export async function buildBundle(name: string, entryPoint: string, out: string): Promise<BuiltBundle> {
  const folder = join(out, name);
  mkdirSync(folder, { recursive: true });
  const { outputFiles, metafile } = await build({ ...bundleOptions(entryPoint, folder), metafile: true });
  for (const file of outputFiles) writeFileSync(join(folder, basename(file.path)), file.contents);
  return {
    name,
    file: join(folder, "bundle.mjs"),
    bytes: outputFiles.reduce((sum, file) => sum + file.contents.byteLength, 0),
    coldBytes: coldBytesOf(metafile),
  };
}

function coldBytesOf({ outputs }: Metafile): number {
  const entry = Object.keys(outputs).find((path) => path.endsWith("/bundle.mjs"));
  const loaded = new Set<string>();
  const load = (path: string): number => {
    const output = outputs[path];
    if (output === undefined || loaded.has(path)) return 0;
    loaded.add(path);
    const imports = output.imports.filter(({ kind, external }) => kind === "import-statement" && !external);
    return imports.reduce((sum, { path: next }) => sum + load(next), output.bytes);
  };
  return entry === undefined ? 0 : load(entry);
}
