import { join } from "node:path";
import type { BuildOptions } from "esbuild";
import { englishOnly, lambdaOnly, zodInParts } from "./left-out.ts";

const root = join(import.meta.dirname, "..");

/** CommonJS dependencies ask for Node's own modules by `require`, which an ES module does not have. */
const REQUIRE = `import{createRequire as __cr}from"node:module";const require=__cr(import.meta.url);`;

/**
 * How a Lambda's bundle is made from its entry point (a path from the repository's root): `<folder>/bundle.mjs` and
 * chunks. Also for bundles that others are measured against.
 */
export function bundleOptions(entryPoint: string, folder: string) {
  return {
    absWorkingDir: root,
    entryPoints: { bundle: entryPoint },
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    chunkNames: "chunk-[hash]",
    bundle: true,
    format: "esm",
    // What is imported lazily stays out of the start.
    splitting: true,
    minify: true,
    platform: "node",
    target: "node24",
    mainFields: ["module", "main"],
    banner: { js: REQUIRE },
    legalComments: "none",
    logLevel: "warning",
    plugins: [englishOnly(), zodInParts(), lambdaOnly(root)],
    write: false,
  } satisfies BuildOptions & { write: false };
}
