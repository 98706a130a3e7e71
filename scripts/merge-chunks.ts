import { build, type OutputFile, type Plugin } from "esbuild";

/** A file that esbuild made with splitting on, without `.mjs`; `map`: its source map, if there is one. */
export type Chunk = {
  readonly name: string;
  readonly code: string;
  readonly map?: string;
  readonly exports: readonly string[];
};
export type Chunks = {
  /** What the entry point imports statically, directly or not. */
  readonly start: readonly Chunk[];
  /** The entry point, and what is imported later. */
  readonly others: readonly Chunk[];
};
type Merging = { readonly folder: string; readonly sourceMaps: boolean };
/** Code by the name of its file, without `.mjs`. */
type Code = Readonly<Record<string, string>>;

const START = "start";

/**
 * Makes one file, `start.mjs`, of all that an entry point imports statically. The entry point, and what is imported later,
 * import from there: they must find the same things, not copies of them.
 */
export async function mergeChunks(
  { start, others }: Chunks,
  merging: Merging,
): Promise<readonly OutputFile[]> {
  const everything = start.map(({ name, exports }, place) => {
    const list = exports.map((it) => `${it} as ${nameOf(it, place)}`);
    return `export { ${list.join(", ")} } from "./${name}.mjs";`;
  });
  // A line for each: esbuild leaves out of a bundle an import of which nothing is used, but no single names of one.
  const forwards = start.map(({ name, exports }, place) => {
    const lines = exports.map((it) => `export { ${nameOf(it, place)} as ${it} } from "./${START}.mjs";`);
    return [name, lines.join("\n")] as const;
  });
  const files = await Promise.all([
    rebuild({ [START]: everything.join("\n") }, codeOf(start), merging),
    rebuild(codeOf(others), Object.fromEntries(forwards), merging),
  ]);
  return files.flat();
}

/** What `start.mjs` calls something: chunks use the same short names. */
function nameOf(exported: string, place: number): string {
  return `s${place}_${exported}`;
}

function codeOf(chunks: readonly Chunk[]): Code {
  return Object.fromEntries(chunks.map((chunk) => [chunk.name, withMap(chunk)]));
}

function withMap({ code, map }: Chunk): string {
  if (map === undefined) return code;
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}`;
}

/** A file for each entry, with what it imports of `inlined` in it; whatever else it imports stays an import. */
async function rebuild(entries: Code, inlined: Code, { folder, sourceMaps }: Merging) {
  const { outputFiles } = await build({
    entryPoints: Object.keys(entries),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    format: "esm",
    minify: true,
    platform: "node",
    target: "node24",
    legalComments: "none",
    logLevel: "warning",
    plugins: [fromMemory(entries, inlined)],
    sourcemap: sourceMaps ? "linked" : false,
    write: false,
  });
  return outputFiles;
}

function fromMemory(entries: Code, inlined: Code): Plugin {
  return {
    name: "from-memory",
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path, kind }) => {
        if (kind === "entry-point") return { path, namespace: "entry" };
        const name = /^\.\/(.+)\.mjs$/.exec(path)?.[1] ?? "";
        if (name in inlined) return { path: name, namespace: "inlined" };
        return { path, external: true, sideEffects: name !== START };
      });
      build.onLoad({ filter: /.*/, namespace: "entry" }, ({ path }) => ({ contents: entries[path] ?? "" }));
      build.onLoad({ filter: /.*/, namespace: "inlined" }, ({ path }) => ({ contents: inlined[path] ?? "" }));
    },
  };
}
