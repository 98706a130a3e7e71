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
  /** The source files of which something is in there, as paths from the repository's root. */
  readonly coldSources: readonly string[];
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
    ...coldStartOf(metafile),
  };
}

function coldStartOf({ outputs }: Metafile): Pick<BuiltBundle, "coldBytes" | "coldSources"> {
  const loaded = new Map<string, Metafile["outputs"][string]>();
  const load = (path: string): void => {
    const output = outputs[path];
    if (output === undefined || loaded.has(path)) return;
    loaded.set(path, output);
    for (const { path: next, kind, external } of output.imports) {
      if (kind === "import-statement" && !external) load(next);
    }
  };
  load(Object.keys(outputs).find((path) => path.endsWith("/bundle.mjs")) ?? "");
  const files = [...loaded.values()];
  return {
    coldBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    coldSources: files.flatMap(({ inputs }) =>
      Object.keys(inputs).filter((source) => (inputs[source]?.bytesInOutput ?? 0) > 0),
    ),
  };
}
