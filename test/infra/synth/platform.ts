import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { whileLocked } from "./lock.ts";

/** Any value: nothing is deployed, but the config refuses to be read without one. */
export const EXTERNAL_ID = "embedded-external-id";

/**
 * Unpacks SST's components to `.sst/platform` unless the installed SST's are there already. Needs the npm registry the first
 * time (about 30 s, 8 s where Bun's binary is installed), never AWS.
 */
export function ensurePlatform(root: string): string {
  const platform = join(root, ".sst", "platform");
  if (isInstalled(root, platform)) return platform;
  return whileLocked(join(root, "node_modules", ".sst-install.lock"), () => install(root, platform));
}

function install(root: string, platform: string): string {
  // Another process may have done it while this one waited for the lock.
  if (isInstalled(root, platform)) return platform;
  console.error("Unpacking SST's components to .sst (sst install); this happens once.");
  const said: string[] = [];
  for (const installer of installers(root)) {
    const done = spawnSync(join(root, "node_modules", ".bin", "sst"), ["install", "--stage", "test"], {
      cwd: root,
      env: { ...process.env, ...COMMON, ...installer },
      encoding: "utf8",
    });
    if (done.status === 0 && existsSync(join(platform, "config.d.ts"))) {
      writeFileSync(join(platform, MARKER), sstVersion(root));
      return platform;
    }
    said.push(done.stdout, done.stderr);
  }
  throw new Error(`sst install failed; it needs the npm registry.\n${said.join("\n")}`);
}

const COMMON = {
  // Without it SST downloads Pulumi, which only a deployment needs.
  SST_SKIP_DEPENDENCY_CHECK: "1",
  SST_TELEMETRY_DISABLED: "1",
  TALLYMAN_EXTERNAL_ID: EXTERNAL_ID,
};

/** Bun, which npm may have installed for this platform, is three times faster; npm is always there. */
function installers(root: string): readonly NodeJS.ProcessEnv[] {
  const bun = join(root, "node_modules", "@oven", "bun-linux-x64", "bin", "bun");
  const npm = { NO_BUN: "1" };
  return existsSync(bun) ? [{ SST_BUN_PATH: bun }, npm] : [npm];
}

/** Written last: an interrupted install is begun again. */
const MARKER = ".installed";

function isInstalled(root: string, platform: string): boolean {
  const marker = join(platform, MARKER);
  return existsSync(marker) && readFileSync(marker, "utf8") === sstVersion(root);
}

function sstVersion(root: string): string {
  return JSON.parse(readFileSync(join(root, "node_modules", "sst", "package.json"), "utf8")).version;
}
