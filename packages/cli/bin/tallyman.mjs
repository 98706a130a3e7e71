#!/usr/bin/env node
// Plain JavaScript, so that any Node can read it: the command itself is TypeScript, which Node 24 runs as it is.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const NEEDED = 24;
const here = dirname(fileURLToPath(import.meta.url));

/** The Node 24 that this repository installs as a development dependency, looked for upwards from here. */
function installedNode() {
  for (let folder = here; folder !== dirname(folder); folder = dirname(folder)) {
    for (const name of ["node", "node.exe"]) {
      const candidate = join(folder, "node_modules", "node", "bin", name);
      if (existsSync(candidate)) return candidate;
    }
  }
  return undefined;
}

function runWith(node) {
  const { status, signal, error } = spawnSync(
    node,
    [fileURLToPath(import.meta.url), ...process.argv.slice(2)],
    {
      stdio: "inherit",
      env: { ...process.env, TALLYMAN_REEXECUTED: "1" },
    },
  );
  if (error) throw error;
  return signal ? 1 : (status ?? 1);
}

if (Number(process.versions.node.split(".")[0]) >= NEEDED) {
  // Parsed and compiled once per version, in the system's temporary folder: half the time of a start.
  const { enableCompileCache } = await import("node:module");
  enableCompileCache();
  const { main } = await import("../src/main.ts");
  await main();
} else {
  const node = process.env.TALLYMAN_REEXECUTED === "1" ? undefined : installedNode();
  if (node === undefined) {
    console.error(
      `tallyman needs Node ${NEEDED} or newer; this is ${process.version}. Run "npm install" in the repository (it brings Node ${NEEDED} along), or install Node ${NEEDED}.`,
    );
    process.exitCode = 1;
  } else {
    process.exitCode = runWith(node);
  }
}
