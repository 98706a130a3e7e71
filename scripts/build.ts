// `npm run build [-- --policy FILE] [--out DIR] [--source-maps] [--quiet]`: what is deployed and what the embedded cloud
// runs, in dist/: functions/<name>/bundle.mjs and policy.json.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SourceFileError } from "@tallyman/cli/policy/source-problem";
import { type Bundle, buildFunctions } from "./build-functions.ts";
import { buildPolicy } from "./build-policy.ts";

const root = join(import.meta.dirname, "..");
const { values } = parseArgs({
  options: {
    policy: { type: "string", default: join(root, "tallyman.yaml") },
    out: { type: "string", default: join(root, "dist") },
    "source-maps": { type: "boolean", default: false },
    quiet: { type: "boolean", default: false },
  },
});

async function main(): Promise<void> {
  const started = performance.now();
  // The policy first: it is checked in a moment, and it is what people get wrong.
  const policy = await buildPolicy(values.policy, join(values.out, "policy.json"));
  const bundles = await buildFunctions({
    out: join(values.out, "functions"),
    sourceMaps: values["source-maps"],
  });
  if (!values.quiet) report(bundles, policy, performance.now() - started);
}

function report(bundles: readonly Bundle[], policy: number, milliseconds: number): void {
  for (const { name, files, bytes } of bundles) {
    console.log(`${name.padEnd(20)} ${String(bytes).padStart(9)} bytes in ${files} files`);
  }
  console.log(`${"policy.json".padEnd(20)} ${String(policy).padStart(9)} bytes`);
  console.log(`built in ${Math.round(milliseconds)} ms`);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof SourceFileError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
