import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
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
  const done = spawnSync(join(root, "node_modules", ".bin", "sst"), ["install", "--stage", "test"], {
    cwd: root,
    env: { ...process.env, ...installEnvironment(root) },
    encoding: "utf8",
  });
  if (done.status !== 0 || !isInstalled(root, platform)) {
    throw new Error(`sst install failed; it needs the npm registry.\n${done.stdout}\n${done.stderr}`);
  }
  return platform;
}

function installEnvironment(root: string): NodeJS.ProcessEnv {
  const bun = bunBinary(root);
  return {
    // Without it SST downloads Pulumi, which only a deployment needs.
    SST_SKIP_DEPENDENCY_CHECK: "1",
    NO_BUN: "1",
    SST_TELEMETRY_DISABLED: "1",
    TALLYMAN_EXTERNAL_ID: EXTERNAL_ID,
    ...(bun === undefined ? {} : { SST_BUN_PATH: bun }),
  };
}

function bunBinary(root: string): string | undefined {
  const path = join(root, "node_modules", "@oven", "bun-linux-x64", "bin", "bun");
  return existsSync(path) ? path : undefined;
}

function isInstalled(root: string, platform: string): boolean {
  const version = join(platform, "version");
  const wanted: string = JSON.parse(
    readFileSync(join(root, "node_modules", "sst", "package.json"), "utf8"),
  ).version;
  return (
    existsSync(version) &&
    readFileSync(version, "utf8").trim() === wanted &&
    existsSync(join(platform, "config.d.ts")) &&
    existsSync(join(platform, "node_modules", "@pulumi", "aws", "package.json"))
  );
}
