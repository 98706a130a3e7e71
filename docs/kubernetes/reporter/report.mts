import { readFile } from "node:fs/promises";
import { type Api, latestSequence, putReport } from "./api.mts";
import { findCredentials } from "./credentials.mts";
import { type Gathered, gather } from "./gather.mts";
import { type Env, readSettings, type Settings } from "./settings.mts";

/**
 * Reports everything that a Kubernetes cluster runs, or would start, to Tallyman. Whatever fails, nothing is reported and the
 * exit code is 1: a report says of all that it does not name that it is not used.
 */
async function main(env: Env, args: readonly string[]): Promise<void> {
  const settings = readSettings(env, args);
  const credentials = await findCredentials(env, settings.region);
  const api: Api = { ...settings, credentials };
  // Number and time are of before the first list: of two runs at once, the one that saw more has the higher.
  const startedAt = new Date();
  const sequence = nextSequence(await latestSequence(api, settings.scope), startedAt);
  const gathered = await gather(await clusterOf(settings));
  for (const line of gathered.leftOut) tell(`left out: ${line}`);
  const report = reportOf(settings, gathered, { sequence, startedAt });
  const body = JSON.stringify(report);
  if (Buffer.byteLength(body) > MOST_BYTES)
    throw new Error(`the report has ${Buffer.byteLength(body)} bytes, and the API takes ${MOST_BYTES}`);
  if (settings.dryRun) {
    process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
    return tell(`not sent: ${summary(gathered)}`);
  }
  await putReport(api, body, report.items);
  tell(`report ${sequence} of ${settings.source} for ${settings.scope} is sent: ${summary(gathered)}`);
}

const MOST_BYTES = 5 * 1024 * 1024;

/**
 * Above every number that the API knows, whatever the clock says. The clock is there for what the API does not know yet: a
 * report that it has stored and not applied holds its number.
 */
function nextSequence(latest: number, now: Date): number {
  return Math.max(latest + 1, Math.floor(now.getTime() / 1000));
}

async function clusterOf({ kubernetes, tokenFile, caFile }: Settings) {
  return {
    url: kubernetes,
    ...(tokenFile !== undefined && { tokenFile }),
    ...(caFile !== undefined && { ca: await readFile(caFile, "utf8") }),
  };
}

type Stamp = { readonly sequence: number; readonly startedAt: Date };

function reportOf(settings: Settings, { uses }: Gathered, { sequence, startedAt }: Stamp) {
  const { scope, account, region, cluster } = settings;
  const items = uses.map((use) => ({ ...use, account, region, cluster }));
  return { scope, sequence, complete: true, observedAt: startedAt.toISOString(), items };
}

function summary({ uses, objects }: Gathered): string {
  const counts = [...objects].map(([path, count]) => `${count} ${path.slice(path.lastIndexOf("/") + 1)}`);
  return `${uses.length} uses of images in ${counts.join(", ")}`;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

try {
  await main(process.env, process.argv.slice(2));
} catch (error) {
  tell(`nothing was reported: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
