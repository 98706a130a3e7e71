import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { bundle } from "../../scripts/bundle.ts";

export type BuiltBundle = {
  readonly name: string;
  readonly file: string;
  /** Everything that is deployed, in bytes. */
  readonly bytes: number;
  /** What a cold start reads, in bytes. */
  readonly coldBytes: number;
  /** The source files of which something is in there, as paths from the repository's root. */
  readonly coldSources: readonly string[];
};

/** Builds one bundle as `npm run build` does, into a folder of its own below `out`. */
export async function buildBundle(name: string, entryPoint: string, out: string): Promise<BuiltBundle> {
  const folder = join(out, name);
  mkdirSync(folder, { recursive: true });
  const { files, cold, coldSources } = await bundle(entryPoint, folder);
  for (const file of files) writeFileSync(join(folder, basename(file.path)), file.contents);
  const sum = (some: typeof files) => some.reduce((total, { contents }) => total + contents.byteLength, 0);
  return { name, file: join(folder, "bundle.mjs"), bytes: sum(files), coldBytes: sum(cold), coldSources };
}
