import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { batchedWrites } from "./batched-writes.ts";

/** An upload under way. Sessions live in memory and on disk for one run only: what is unfinished is not promised. */
export type UploadSession = {
  readonly id: string;
  readonly repository: RepositoryRef;
  readonly file: string;
  /** Bytes received so far. */
  size(): number;
  /** Bytes received when the first request that brought some had ended. */
  firstEnd(): number;
  /** Sizes in bytes of the parts that UploadLayerPart brought, in order. */
  readonly parts: number[];
  /** Milliseconds, real ones, for which nothing was asked of it; 0 while bytes arrive. */
  idleFor(): number;
  /**
   * Appends the stream. Throws UploadBusyError while another request writes, UploadTooLargeError beyond the limit, and
   * what the stream throws; bytes that arrived before such an error stay, so that the client can go on after them. Where
   * `length` is given, a stream of another length leaves nothing: UploadLengthError.
   */
  append(source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, options?: AppendOptions): Promise<void>;
  /**
   * Syncs the file and answers with its digest; nothing can be appended afterwards. Throws UploadBusyError while bytes
   * still arrive. From here on the session is found no more, and after any other error it is of no use: what the disk
   * holds is not known.
   */
  finish(): Promise<string>;
};

export type AppendOptions = {
  readonly length?: number;
  /** Nobody uses the chunks afterwards: their memory is given back at once, not when garbage is collected. */
  readonly release?: boolean;
};

export class UploadBusyError extends Error {
  readonly code = "UPLOAD_BUSY";
  constructor() {
    super("Another request is writing to this upload. Wait for it to end.");
  }
}

export class UploadTooLargeError extends Error {
  readonly code = "UPLOAD_TOO_LARGE";
  constructor(limit: number) {
    super(`A layer may have at most ${limit} bytes.`);
  }
}

export class UploadLengthError extends Error {
  readonly code = "UPLOAD_LENGTH";
  constructor(announced: number) {
    super(`${announced} bytes were announced, and another number came. None of them was kept.`);
  }
}

/** The upload was given up while a request was at work on it. */
export class UploadEndedError extends Error {
  readonly code = "UPLOAD_ENDED";
  constructor() {
    super("The upload was cancelled or given up meanwhile. Start a new one.");
  }
}

export type OpenSession = UploadSession & { close(): Promise<void> };

export type SessionParts = Pick<UploadSession, "id" | "repository" | "file"> & {
  readonly handle: FileHandle;
  readonly maxBytes: number;
  readonly onFinish: () => void;
};

export function createSession(given: SessionParts): OpenSession {
  const { id, repository, file, handle, maxBytes } = given;
  const parts: number[] = [];
  let hash = createHash("sha256");
  let size = 0;
  let firstEnd = 0;
  /** The file's length. Beyond `size` lies what a failed request left; it is overwritten, or cut off at the end. */
  let fileLength = 0;
  let lastUsed = performance.now();
  let busy = false;
  let closed = false;

  async function append(
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    { length, release = false }: AppendOptions = {},
  ) {
    if (busy) throw new UploadBusyError();
    busy = true;
    const before = { size, hash: length === undefined ? undefined : hash.copy() };
    const end = length === undefined ? Number.POSITIVE_INFINITY : size + length;
    try {
      const came = await writeAll(source, { end, release });
      if (before.hash !== undefined && came !== length) {
        hash = before.hash;
        size = before.size;
        throw new UploadLengthError(length ?? 0);
      }
    } finally {
      busy = false;
      lastUsed = performance.now();
      if (before.size === 0) firstEnd = size;
    }
  }
  /**
   * Bytes before an error, the source's or the limit's, are written first. Answers with how many came, up to the first
   * chunk that is beyond `end`.
   */
  async function writeAll(
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    { end, release }: { readonly end: number; readonly release: boolean },
  ) {
    const writes = batchedWrites((batch) => write(batch, release));
    const start = size;
    let next = size;
    try {
      for await (const chunk of source) {
        next += chunk.byteLength;
        if (next > end) break;
        if (next > maxBytes) throw new UploadTooLargeError(maxBytes);
        await writes.add(chunk);
      }
    } finally {
      await writes.end();
    }
    return next - start;
  }
  /** The whole batch counts, or none of it. The hash is computed while another thread writes. */
  async function write(batch: readonly Uint8Array[], release: boolean): Promise<void> {
    if (closed) throw new UploadEndedError();
    const writing = writeChunks(handle, batch, size);
    const before = hash.copy();
    for (const chunk of batch) hash.update(chunk);
    try {
      const length = await writing;
      if (release) for (const chunk of batch) releaseBytes(chunk);
      fileLength = Math.max(fileLength, size + length);
      size += length;
    } catch (error) {
      hash = before;
      fileLength = Number.POSITIVE_INFINITY; // Some of it may be in the file.
      throw closed ? new UploadEndedError() : error;
    }
  }
  async function finish(): Promise<string> {
    if (busy) throw new UploadBusyError();
    busy = true;
    given.onFinish();
    if (fileLength > size) await handle.truncate(size);
    await handle.sync();
    return `sha256:${hash.digest("hex")}`;
  }
  return {
    id,
    repository,
    file,
    parts,
    size: () => size,
    firstEnd: () => firstEnd,
    idleFor: () => (busy ? 0 : performance.now() - lastUsed),
    append,
    finish,
    close() {
      closed = true;
      return handle.close();
    },
  };
}

/** Writes all chunks from `position` on, and answers with how many bytes these are: `writev` may write less. */
async function writeChunks(
  handle: FileHandle,
  chunks: readonly Uint8Array[],
  position: number,
): Promise<number> {
  const { bytesWritten } = await handle.writev(chunks, position);
  let at = position;
  let written = position + bytesWritten;
  for (const chunk of chunks) {
    at += chunk.byteLength;
    while (written < at) {
      const rest = chunk.subarray(chunk.byteLength - (at - written));
      written += (await handle.write(rest, 0, rest.byteLength, written)).bytesWritten;
    }
  }
  return at - position;
}

/**
 * The collector sees small objects and not the bytes behind them: left to it, tens of megabytes of a fast upload lie around
 * that nobody needs. A chunk that is a part of other memory is left alone.
 */
function releaseBytes({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}
