import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { build, type Plugin } from "esbuild";

/**
 * Bundles `sst.config.ts` with SST's components into one module inside `.sst/platform`, as the SST CLI does, so that all
 * of it resolves to one `@pulumi/pulumi`. The module exports `config`, SST's `run`, and `aws`.
 */
export async function bundleConfig(root: string, platform: string): Promise<string> {
  const outfile = join(platform, `tallyman.synth.${randomUUID()}.mjs`);
  await build({
    stdin: {
      resolveDir: platform,
      loader: "ts",
      contents: [
        `import config from ${JSON.stringify(join(root, "sst.config.ts"))};`,
        `import { run } from "./src/auto/run.ts";`,
        `import * as aws from "@pulumi/aws";`,
        "export { aws, config, run };",
      ].join("\n"),
    },
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22",
    logLevel: "error",
    inject: [join(platform, "src", "shim", "run.js")],
    // For CommonJS that is bundled from our own dependencies (yaml).
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    plugins: [platformPackages(platform), globals(root, platform)],
  });
  return outfile;
}

/** What SST's components import stays in `.sst/platform/node_modules`; what our stacks import is bundled. */
function platformPackages(platform: string): Plugin {
  return {
    name: "platform-packages",
    setup({ onResolve }) {
      onResolve({ filter: /^[^./]/ }, ({ path, importer, resolveDir }) => {
        const fromPlatform =
          importer.startsWith(platform) || (importer === "<stdin>" && resolveDir === platform);
        return path.startsWith("@pulumi/") || (fromPlatform && !path.startsWith("/"))
          ? { path, external: true }
          : undefined;
      });
    },
  };
}

/** The CLI puts `aws` and `sst` into scope of the user's files only. */
function globals(root: string, platform: string): Plugin {
  const components = JSON.stringify(join(platform, "src", "components", "index.ts"));
  const prelude = `import * as aws from "@pulumi/aws"; import * as sst from ${components};\n`;
  return {
    name: "globals",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const ours =
          path.startsWith(root + sep) &&
          !path.startsWith(platform) &&
          !path.includes(`${sep}node_modules${sep}`);
        return ours ? { contents: prelude + readFileSync(path, "utf8"), loader: "ts" } : undefined;
      });
    },
  };
}
