import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Snapshot } from "@tallyman/cloud/topology/snapshot";

export type Snapshots = { readonly hub: Snapshot; readonly member: Snapshot };

const COMMITTED = join(import.meta.dirname, "..", "..", "stacks", "snapshot");

/** The stacks as they are committed. */
export function committedSnapshots(): Snapshots {
  const read = (stack: string) =>
    Snapshot.parse(JSON.parse(readFileSync(join(COMMITTED, `${stack}.json`), "utf8")));
  return { hub: read("hub"), member: read("member") };
}

/** A folder for `--snapshots`; `dispose` removes it. */
export function snapshotFolder(snapshots: Snapshots): { readonly path: string; dispose(): void } {
  const path = mkdtempSync(join(tmpdir(), "tallyman-snapshots-"));
  for (const [stack, snapshot] of Object.entries(snapshots))
    writeFileSync(join(path, `${stack}.json`), JSON.stringify(snapshot));
  return { path, dispose: () => rmSync(path, { recursive: true, force: true }) };
}
