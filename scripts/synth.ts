// npm run synth [-- --out DIR] [-- --variant]: synthesizes the stacks without AWS and writes hub.json and member.json,
// to stacks/snapshot unless told otherwise. `--variant`: with every logical name changed and one rule more.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { printSnapshot, ROOT, synthesize } from "../test/infra/synth/synthesize.ts";

const { values } = parseArgs({
  options: { out: { type: "string" }, variant: { type: "boolean", default: false } },
});
if (values.variant && values.out === undefined) {
  throw new Error("--variant needs --out DIR: the committed snapshots are the product's own");
}
const folder = values.out ?? join(ROOT, "stacks", "snapshot");
const { snapshots } = await synthesize({ variant: values.variant });
await mkdir(folder, { recursive: true });
for (const snapshot of Object.values(snapshots)) {
  await writeFile(join(folder, `${snapshot.stack}.json`), printSnapshot(snapshot));
}
console.log(`Wrote ${Object.keys(snapshots).join(", ")} to ${folder}`);
