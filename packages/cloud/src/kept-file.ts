import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import type * as z from "zod";

/** What a service keeps in one JSON file; undefined when there is no file yet, or none is kept. */
export async function readKept<T>(
  file: string | undefined,
  shape: z.ZodType<T>,
  what: string,
): Promise<T | undefined> {
  if (file === undefined) return undefined;
  try {
    return shape.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`${file} does not hold ${what}: remove it and start again`, { cause: error });
  }
}

/** Replaces a file by a whole new one, durable when it resolves: a crash leaves the old one. */
export async function writeWhole(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}.tmp`;
  // Secrets: nobody else on the machine reads them.
  const handle = await open(temporary, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

/**
 * Writes a file again after each change. One write after the other; changes that come while one is waiting go with it.
 * Without a file nothing is kept.
 */
export function keepWhole(file: string | undefined, text: () => string): () => Promise<void> {
  if (file === undefined) return () => Promise.resolve();
  let writing: Promise<unknown> = Promise.resolve();
  let waiting: Promise<void> | undefined;
  return () => {
    waiting ??= writing
      .catch(() => undefined)
      .then(() => {
        waiting = undefined;
        const write = writeWhole(file, text());
        writing = write;
        return write;
      });
    return waiting;
  };
}
