import { fileURLToPath } from "node:url";
import { DataDirectoryError } from "./data-directory.ts";
import { hasRepositories, pushDemo } from "./demo/push-demo.ts";
import { PortInUseError } from "./http/server.ts";
import { formatLine, type LineFormat } from "./live/format-line.ts";
import type { LiveLine } from "./live/live-line.ts";
import { welcome } from "./live/welcome.ts";
import {
  type CommandLine,
  defaultRegistries,
  parseCommandLine,
  readAccounts,
  readSnapshot,
  UsageError,
  usage,
} from "./options.ts";
import { DataInUseError } from "./queues/journal.ts";
import { type Cloud, startCloud } from "./start-cloud.ts";
import { TopologyError } from "./topology/topology-error.ts";

const repositoryRoot = fileURLToPath(new URL("../../..", import.meta.url));

try {
  await main(parseCommandLine(process.argv.slice(2)));
} catch (error) {
  if (!isExpected(error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function main(options: CommandLine): Promise<void> {
  if (options.help) return console.log(usage);
  const say = (text: string) => (options.json ? undefined : console.log(text));
  const cloud = await start(options);
  stopOnSignals(cloud, say);
  if (options.json) console.log(JSON.stringify({ ready: cloud.url }));
  say(welcome(cloud));
  if (options.demo && !(await hasRepositories(cloud.url))) await pushDemo(cloud.url, say);
}

async function start(options: CommandLine): Promise<Cloud> {
  const { port, dataDirectory, accountsFile, debug, json } = options;
  const snapshots = options.snapshotsDirectory ?? `${repositoryRoot}stacks/snapshot`;
  return startCloud({
    hub: await readSnapshot(`${snapshots}/hub.json`),
    member: await readSnapshot(`${snapshots}/member.json`),
    hubRegistry: defaultRegistries[0],
    registries: defaultRegistries,
    dataDirectory,
    bundlesDirectory: repositoryRoot,
    port,
    accounts: accountsFile === undefined ? undefined : await readAccounts(accountsFile),
    live: (line: LiveLine) => {
      if (line.level !== "debug" || debug) console.log(formatLine(line, lineFormat(json)));
    },
  });
}

/** Colours and the cut at the right edge are for people at a terminal; a terminal may change its width. */
function lineFormat(json: boolean): LineFormat {
  const { stdout } = process;
  if (!stdout.isTTY) return { colour: false, json };
  return { colour: !json && stdout.hasColors(), json, columns: stdout.columns };
}

/** The first signal ends in order, a second one at once. */
function stopOnSignals(cloud: Cloud, say: (text: string) => void): void {
  let stopping = false;
  const stop = () => {
    if (stopping) process.exit(130);
    stopping = true;
    say("Stopping.");
    cloud.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
}

function isExpected(error: unknown): error is Error {
  const expected = [UsageError, TopologyError, PortInUseError, DataInUseError, DataDirectoryError];
  return expected.some((known) => error instanceof known);
}
