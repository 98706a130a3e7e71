// Runs before `npm start` and `npm test`, on whatever Node the host has (>= 20.19): installs what the lock file names and
// node_modules does not hold, and does nothing (a few milliseconds) when everything is there.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Packages of the lock file that are not installed in the locked version; other platforms' optional ones aside. */
export function missingPackages(wanted, installed) {
  return Object.entries(wanted)
    .filter(([path, entry]) => path.startsWith("node_modules/") && !entry.optional && !entry.link)
    .filter(([path, entry]) => installed[path]?.version !== entry.version)
    .map(([path]) => path);
}

function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : {};
}

function runsNode24() {
  const node = join(root, "node_modules", ".bin", "node");
  const version = spawnSync(node, ["--version"], { encoding: "utf8" }).stdout ?? "";
  return version.startsWith("v24.");
}

function npm(command) {
  console.error(`Installing dependencies (npm ${command}); this happens once.`);
  const done = spawnSync("npm", [command, "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    // npm's own chatter belongs to stderr: stdout may be a report that somebody parses.
    stdio: ["ignore", 2, 2],
    shell: process.platform === "win32",
  });
  return done.status === 0;
}

/** `npm ci` where nothing is installed yet; `npm install` repairs what is there, by the same lock file. */
function install() {
  const commands = existsSync(join(root, "node_modules")) ? ["install"] : ["ci", "install"];
  if (commands.some(npm)) return;
  console.error("Installing failed. Is the npm registry reachable? Try `npm ci` by hand to see more.");
  process.exit(1);
}

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Tallyman needs Node 20.19 or newer to install itself; this is ${process.version}.`);
  process.exit(1);
}
const missing = missingPackages(
  readPackages(join(root, "package-lock.json")),
  readPackages(join(root, "node_modules", ".package-lock.json")),
);
if (missing.length > 0 || !runsNode24()) install();
