import type { FileHandle } from "node:fs/promises";
import type { ServerResponse } from "node:http";

/** Bytes read at a time: with less, the way through the thread pool costs more than the copying. */
const PIECE = 1024 * 1024;

/** Buffers that no download uses now, for the next ones; a few, so that a burst does not keep its memory. */
const spare: Buffer[] = [];
const MOST_SPARE = 4;

/**
 * Writes bytes `start` to `end` of the file, both inclusive, and ends the answer. While one piece goes out the next is
 * read, so a download holds two pieces of memory and no more, however slow its client is.
 *
 * Rejects when the client goes away, or when the file is shorter than that: then the answer is cut, not ended.
 */
export async function sendFile(
  file: FileHandle,
  { start, end }: { readonly start: number; readonly end: number },
  res: ServerResponse,
): Promise<void> {
  const gone = new Promise<never>((_, reject) => {
    res.once("close", () => reject(new Error("The client went away before it had the whole layer.")));
  });
  gone.catch(() => {}); // Nobody may be waiting for it when the connection closes.
  const buffers = [takeBuffer(end - start + 1), takeBuffer(end - start + 1)] as const;
  let reading = readPiece(file, buffers[0], { start, end });
  for (let turn = 0, at = start; at <= end; turn++) {
    const piece = await reading;
    at += piece.byteLength;
    if (at <= end) reading = readPiece(file, buffers[(turn + 1) % 2] ?? buffers[0], { start: at, end });
    try {
      await Promise.race([write(res, piece), gone]);
    } catch (error) {
      await reading.catch(() => {}); // The caller closes the file.
      throw error;
    }
  }
  res.end();
  for (const buffer of buffers) giveBack(buffer);
}

async function readPiece(
  file: FileHandle,
  buffer: Buffer,
  { start, end }: { readonly start: number; readonly end: number },
): Promise<Buffer> {
  const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.byteLength, end - start + 1), start);
  if (bytesRead === 0) throw new Error("A layer's file is shorter than the layer.");
  return buffer.subarray(0, bytesRead);
}

/** Resolves when the kernel has the bytes: from then on the buffer may be used again. */
function write(res: ServerResponse, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    res.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

function takeBuffer(needed: number): Buffer {
  return needed < PIECE ? Buffer.allocUnsafe(needed) : (spare.pop() ?? Buffer.allocUnsafeSlow(PIECE));
}

/** Only after a whole answer: what was cut may still be on its way out. */
function giveBack(buffer: Buffer): void {
  if (buffer.byteLength === PIECE && spare.length < MOST_SPARE) spare.push(buffer);
}
