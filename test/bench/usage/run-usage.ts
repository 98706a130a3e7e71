import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Registry } from "@tallyman/domain/registry/registry";
import type { UsageJob } from "@tallyman/domain/usage/ports";
import { openDiskTable } from "../scale/disk-table.ts";
import { type Meter, newMeter, type Spent, spending } from "../scale/meter.ts";
import { forgetPeak, peakMemory } from "../scale/peak-memory.ts";
import { type Collecting, collecting } from "./collecting.ts";
import { keepingBucket } from "./keeping-bucket.ts";

/** What one worker does: collects from so many accounts, twice. */
export type UsageRun = { readonly accounts: number; readonly pagesOfMessage: number };

export type UsagePoint = {
  readonly accounts: number;
  /** The first time everything is new, the second time nothing is. */
  readonly first: Collected;
  readonly second: Collected;
  /** Most resident memory of the process, MB. */
  readonly peak: number;
};

export type Collected = {
  readonly spent: Spent;
  readonly messages: number;
  readonly pages: number;
  /** The most pages that one message asked for. */
  readonly mostPages: number;
};

export async function runUsage({ accounts, pagesOfMessage }: UsageRun): Promise<UsagePoint> {
  const directory = mkdtempSync(join(tmpdir(), "tallyman-usage-"));
  const meter = newMeter();
  const table = openDiskTable(directory, meter);
  const registries = Array.from({ length: accounts }, (_, i) => registryOf(i));
  try {
    const bucket = keepingBucket(join(directory, "bucket"), meter);
    // A worker each, as after an hour: none remembers what the other asked.
    const worker = () => collecting({ registries, table, bucket, pagesOfMessage });
    forgetPeak();
    const first = await collectAll(worker(), meter, "first");
    const second = await collectAll(worker(), meter, "second");
    return { accounts, first, second, peak: peakMemory() };
  } finally {
    table.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

function registryOf(place: number): Registry {
  return { account: String(100_000_000_000 + place), region: "us-east-1" };
}

/** One run of the schedule, message by message, as one worker would get them. */
async function collectAll(it: Collecting, meter: Meter, execution: string): Promise<Collected> {
  let [messages, pages, mostPages] = [0, 0, 0];
  const spent = await spending(meter, async () => {
    await it.handle({ schedule: "usage", execution });
    for (let jobs = it.queued(); jobs.length > 0; jobs = it.queued())
      for (const job of jobs.filter(isCollecting)) {
        const asked = await it.handle(job);
        messages += 1;
        pages += asked;
        mostPages = Math.max(mostPages, asked);
      }
  });
  return { spent, messages, pages, mostPages };
}

/** Who may pull is read by ECR's API, which is not made up here. */
function isCollecting({ kind }: UsageJob): boolean {
  return kind === "collect";
}
