// A process of its own, bundled and started as the function `reconcile` is, so that its memory is that of one worker. What
// to do is its argument; it prints `{"progress"}` lines and, last, `{"points"}`.
import { writeSync } from "node:fs";
import { runScale, type ScaleJob } from "./run-scale.ts";

const say = (line: unknown) => void writeSync(1, `${JSON.stringify(line)}\n`);
const job = JSON.parse(process.argv[2] ?? "") as ScaleJob;
say({ points: await runScale(job, (progress) => say({ progress })) });
