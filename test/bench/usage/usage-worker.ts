// A process of its own, bundled and started as the function `collect-usage` is, so that its memory is that of one worker.
// What to do is its argument; it prints `{"points"}`.
import { writeSync } from "node:fs";
import { runUsage, type UsageRun } from "./run-usage.ts";

const points = await runUsage(JSON.parse(process.argv[2] ?? "") as UsageRun);
writeSync(1, `${JSON.stringify({ points })}\n`);
