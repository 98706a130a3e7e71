import { mkdir, open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Makes directory entries (creations, renames) survive a power cut: fsync of the directory itself. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Creates the directory and whatever is missing above it, and makes the new entries durable. */
export async function makeDirectory(path: string): Promise<void> {
  const firstCreated = await mkdir(path, { recursive: true });
  if (firstCreated === undefined) return;
  for (let created = path; created.length >= firstCreated.length; created = dirname(created)) {
    await syncDirectory(dirname(created));
  }
}

/** Moves a file whose content is already synced, so that it is under its new name after a power cut. */
export async function moveDurably(from: string, to: string): Promise<void> {
  await makeDirectory(dirname(to));
  await rename(from, to);
  await syncDirectory(dirname(to));
}
