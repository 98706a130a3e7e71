import { createHash } from "node:crypto";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createSession,
  type OpenSession,
  UploadBusyError,
  UploadEndedError,
  UploadLengthError,
  UploadTooLargeError,
} from "./upload-session.ts";

let directory: string;
let opened = 0;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "upload-session-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function openSession(maxBytes = 1_000_000): Promise<OpenSession> {
  opened += 1;
  const file = join(directory, `upload-${opened}`);
  const handle = await open(file, "wx");
  const repository = { account: "111122223333", region: "us-east-1", repository: "app" };
  return createSession({ id: "id", repository, file, handle, maxBytes, onFinish: () => {} });
}

/** Ends the upload and holds its file and its digest to the bytes that it must have. */
async function requireBytes(session: OpenSession, bytes: Uint8Array): Promise<void> {
  const digest = await session.finish();
  await session.close();
  expect((await readFile(session.file)).equals(bytes)).toBe(true);
  expect(digest).toBe(`sha256:${createHash("sha256").update(bytes).digest("hex")}`);
}

async function* failing(chunks: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* chunks;
  throw new Error("hung up");
}

/** A source that gives one chunk, and the next when it is told to. */
function halting() {
  const { promise, resolve } = Promise.withResolvers<void>();
  async function* chunks(): AsyncIterable<Uint8Array> {
    yield Buffer.from("first");
    await promise;
    yield Buffer.from("second");
  }
  return { source: chunks(), goOn: resolve };
}

describe("an upload's bytes", () => {
  test.each([
    ["too few", ["abc"], 4],
    ["too many in one chunk", ["abcde"], 4],
    ["too many in a chunk of their own", ["abcd", "e"], 4],
    ["none", [], 1],
  ])("leave nothing when %s come for their announced length", async (_, chunks, length) => {
    const session = await openSession();
    await session.append([Buffer.from("before ")]);
    const sent = session.append(
      chunks.map((chunk) => Buffer.from(chunk)),
      { length },
    );
    await expect(sent).rejects.toBeInstanceOf(UploadLengthError);
    expect(session.size()).toBe(7);
    await session.append([Buffer.from("x")], { length: 1 });
    await requireBytes(session, Buffer.from("before x"));
  });

  test("are taken to the limit, and not beyond", async () => {
    const session = await openSession(5);
    await session.append([Buffer.from("12345")]);
    await expect(session.append([Buffer.from("6")])).rejects.toBeInstanceOf(UploadTooLargeError);
    await requireBytes(session, Buffer.from("12345"));
  });

  test("come from one request at a time, which alone can end", async () => {
    const session = await openSession();
    const { source, goOn } = halting();
    const first = session.append(source);
    await expect(session.append([Buffer.from("other")])).rejects.toBeInstanceOf(UploadBusyError);
    await expect(session.finish()).rejects.toBeInstanceOf(UploadBusyError);
    expect(session.idleFor()).toBe(0);
    goOn();
    await first;
    await requireBytes(session, Buffer.from("firstsecond"));
  });

  test("are given back to memory once they are written, where nobody uses them and nothing shares them", async () => {
    const session = await openSession();
    const own = new Uint8Array([1, 2, 3]);
    const whole = new Uint8Array([4, 5, 6, 7]);
    await session.append([own, whole.subarray(1)], { release: true });
    expect([own.byteLength, whole.byteLength]).toEqual([0, 4]);
    const kept = new Uint8Array([8]);
    await session.append([kept]);
    expect(kept.byteLength).toBe(1);
    await requireBytes(session, Buffer.from([1, 2, 3, 5, 6, 7, 8]));
  });

  test("that come after it was given up are told so", async () => {
    const session = await openSession();
    const { source, goOn } = halting();
    const writing = session.append(source);
    const refused = expect(writing).rejects.toBeInstanceOf(UploadEndedError);
    await session.close();
    goOn();
    await refused;
  });

  test("are what was acknowledged, in order, whatever failed in between", async () => {
    const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 2000 }), { maxLength: 5 });
    const step = fc.record({ chunks, how: fc.constantFrom("whole", "announced", "misannounced", "cut") });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const session = await openSession();
        let expected = Buffer.alloc(0);
        for (const { chunks, how } of steps) {
          const all = Buffer.concat(chunks);
          if (how === "misannounced") {
            await expect(session.append(chunks, { length: all.byteLength + 1 })).rejects.toThrow();
            continue;
          }
          if (how === "cut") await expect(session.append(failing(chunks))).rejects.toThrow("hung up");
          else await session.append(chunks, how === "announced" ? { length: all.byteLength } : {});
          expected = Buffer.concat([expected, all]);
          expect(session.size()).toBe(expected.byteLength);
        }
        await requireBytes(session, expected);
      }),
      { numRuns: 50 },
    );
  });
});
