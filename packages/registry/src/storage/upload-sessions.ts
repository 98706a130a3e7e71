import { open as openFile, rm } from "node:fs/promises";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { makeDirectory } from "./durable.ts";
import type { Layout } from "./layout.ts";
import { createSession, type OpenSession, type UploadSession } from "./upload-session.ts";

export class TooManyUploadsError extends Error {
  readonly code = "TOO_MANY_UPLOADS";
  constructor() {
    super("Too many uploads are open. Finish or cancel some first.");
  }
}

export type UploadSessions = {
  /** Throws TooManyUploadsError. */
  start(repository: RepositoryRef): Promise<UploadSession>;
  /** An upload that goes on. */
  find(id: string): UploadSession | undefined;
  /** Closes the session and removes what is left of its file. */
  discard(session: UploadSession): Promise<void>;
  /** Discards the sessions that nothing was asked of for so many milliseconds; answers with how many they were. */
  discardIdle(milliseconds: number): Promise<number>;
  /** Discards all. */
  clear(): Promise<void>;
};

export type UploadLimits = {
  readonly newId: () => string;
  readonly maxBytes: number;
  /** Uploads that are open at a time, over all registries. */
  readonly maxOpen: number;
};

/** Opens the sessions of this run and removes what an earlier run left behind. */
export async function openUploadSessions(layout: Layout, limits: UploadLimits): Promise<UploadSessions> {
  /** Those that can be gone on with. */
  const sessions = new Map<string, OpenSession>();
  /** Those with a file of their own: these, and the ones that are being finished. */
  const open = new Map<UploadSession, OpenSession>();
  /** Sessions whose file is being created: they count, or many at once would pass the limit. */
  let starting = 0;
  await rm(layout.uploads, { recursive: true, force: true });
  await makeDirectory(layout.uploads);

  async function start(repository: RepositoryRef): Promise<UploadSession> {
    if (open.size + starting >= limits.maxOpen) throw new TooManyUploadsError();
    starting += 1;
    try {
      const session = await openSession(repository);
      sessions.set(session.id, session);
      open.set(session, session);
      return session;
    } finally {
      starting -= 1;
    }
  }
  async function openSession(repository: RepositoryRef): Promise<OpenSession> {
    const id = limits.newId();
    const file = layout.upload(id);
    const handle = await openFile(file, "wx");
    const onFinish = () => void sessions.delete(id);
    return createSession({ id, repository, file, handle, maxBytes: limits.maxBytes, onFinish });
  }
  async function discard(session: UploadSession): Promise<void> {
    sessions.delete(session.id);
    const mine = open.get(session);
    open.delete(session);
    if (mine === undefined) return;
    await mine.close();
    await rm(mine.file, { force: true });
  }
  async function discardAll(which: (session: UploadSession) => boolean): Promise<number> {
    const found = [...open.values()].filter(which);
    for (const session of found) await discard(session);
    return found.length;
  }
  return {
    start,
    find: (id) => sessions.get(id),
    discard,
    discardIdle: (milliseconds) => discardAll((session) => session.idleFor() > milliseconds),
    async clear() {
      await discardAll(() => true);
    },
  };
}
