import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { makeDirectory } from "./durable.ts";
import type { Layout } from "./layout.ts";

/** An upload under way. Sessions live in memory and on disk for one run only: what is unfinished is not promised. */
export type UploadSession = {
  readonly id: string;
  readonly repository: RepositoryRef;
  readonly file: string;
  /** Bytes received so far. */
  size(): number;
  /** Milliseconds, real ones, for which nothing was asked of it; 0 while bytes arrive. */
  idleFor(): number;
  /**
   * Appends the stream. Throws UploadBusyError while another request writes, UploadTooLargeError beyond the limit, and
   * what the stream throws; bytes that arrived before an error stay, so that the client can go on after them.
   */
  append(source: AsyncIterable<Uint8Array>): Promise<void>;
  /** Syncs the file and answers with its digest; nothing can be appended afterwards. */
  finish(): Promise<string>;
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

export type UploadSessions = {
  start(repository: RepositoryRef): Promise<UploadSession>;
  find(id: string): UploadSession | undefined;
  count(): number;
  /** Closes the session and removes what is left of its file. */
  discard(id: string): Promise<void>;
  /** Discards the sessions that nothing was asked of for so many milliseconds. */
  discardIdle(milliseconds: number): Promise<void>;
  /** Discards all. */
  clear(): Promise<void>;
};

export type UploadLimits = { readonly newId: () => string; readonly maxBytes: number };

/** Opens the sessions of this run and removes what an earlier run left behind. */
export async function openUploadSessions(layout: Layout, limits: UploadLimits): Promise<UploadSessions> {
  const sessions = new Map<string, UploadSession & { close(): Promise<void> }>();
  await rm(layout.uploads, { recursive: true, force: true });
  await makeDirectory(layout.uploads);

  async function discard(id: string): Promise<void> {
    const session = sessions.get(id);
    sessions.delete(id);
    await session?.close();
    if (session !== undefined) await rm(session.file, { force: true });
  }
  async function discardAll(which: (session: UploadSession) => boolean): Promise<void> {
    for (const session of [...sessions.values()].filter(which)) await discard(session.id);
  }
  return {
    async start(repository) {
      const id = limits.newId();
      const file = layout.upload(id);
      const handle = await open(file, "wx");
      const session = createSession({ id, repository, file, handle, maxBytes: limits.maxBytes });
      sessions.set(id, session);
      return session;
    },
    find: (id) => sessions.get(id),
    count: () => sessions.size,
    discard,
    discardIdle: (milliseconds) => discardAll((session) => session.idleFor() > milliseconds),
    clear: () => discardAll(() => true),
  };
}

type SessionParts = Pick<UploadSession, "id" | "repository" | "file"> & {
  readonly handle: FileHandle;
  readonly maxBytes: number;
};

function createSession(parts: SessionParts): UploadSession & { close(): Promise<void> } {
  const { id, repository, file, handle, maxBytes } = parts;
  const hash = createHash("sha256");
  let size = 0;
  let lastUsed = performance.now();
  let busy = false;

  async function append(source: AsyncIterable<Uint8Array>): Promise<void> {
    if (busy) throw new UploadBusyError();
    busy = true;
    try {
      for await (const chunk of source) {
        if (size + chunk.byteLength > maxBytes) throw new UploadTooLargeError(maxBytes);
        await writeAll(handle, chunk, size);
        hash.update(chunk);
        size += chunk.byteLength;
      }
    } finally {
      busy = false;
      lastUsed = performance.now();
    }
  }
  async function finish(): Promise<string> {
    if (busy) throw new UploadBusyError();
    busy = true;
    await handle.sync();
    return digestOf(hash);
  }
  const close = () => handle.close();
  return {
    id,
    repository,
    file,
    size: () => size,
    idleFor: () => (busy ? 0 : performance.now() - lastUsed),
    append,
    finish,
    close,
  };
}

function digestOf(hash: Hash): string {
  return `sha256:${hash.digest("hex")}`;
}

/** `write` may write less than it was given. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.byteLength) {
    const { bytesWritten } = await handle.write(
      bytes,
      written,
      bytes.byteLength - written,
      position + written,
    );
    written += bytesWritten;
  }
}
