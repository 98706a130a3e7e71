import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { createServer, get, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sendFile } from "./send-file.ts";

const MEGABYTE = 1024 * 1024;
const HUGE = 256 * MEGABYTE;
const content = randomBytes(3 * MEGABYTE + 17);

let directory: string;
let file: FileHandle;
/** More than any socket takes before its other end reads. */
let huge: FileHandle;
let server: Server;
/** How the answers ended: undefined, or what `sendFile` rejected with. */
let ends: Promise<unknown>[];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "send-file-"));
  writeFileSync(join(directory, "layer"), content);
  file = await open(join(directory, "layer"));
  huge = await open(join(directory, "huge"), "w+");
  await huge.truncate(HUGE);
  ends = [];
  server = createServer((req, res) => {
    const [start = 0, end = 0] = (req.url ?? "").slice(1).split("-").map(Number);
    res.writeHead(200, { "Content-Length": end - start + 1 });
    const sent = sendFile(end < HUGE - 1 ? file : huge, { start, end }, res);
    ends.push(
      sent.catch((error: unknown) => {
        res.destroy();
        return error;
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server.close();
  await file.close();
  await huge.close();
  rmSync(directory, { recursive: true, force: true });
});

function request(start: number, end: number): Promise<IncomingMessage> {
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) =>
    get({ host: "127.0.0.1", port, path: `/${start}-${end}` }, resolve).once("error", reject),
  );
}

test.each([
  ["all of it", 0, content.length - 1],
  ["one byte", 5, 5],
  ["exactly one piece", 0, MEGABYTE - 1],
  ["a range over three pieces", 100, 2 * MEGABYTE + 200],
  ["the last byte", content.length - 1, content.length - 1],
])("%s arrives as it is", async (_, start, end) => {
  const arrived = await buffer(await request(start, end));
  expect(arrived.equals(content.subarray(start, end + 1))).toBe(true);
});

test("many at once do not get into each other's buffers", async () => {
  const starts = Array.from({ length: 20 }, (_, i) => i * 1000);
  const arrived = await Promise.all(
    starts.map(async (start) => buffer(await request(start, content.length - 1))),
  );
  for (const [i, start] of starts.entries()) {
    expect(arrived[i]?.equals(content.subarray(start)), `from ${start}`).toBe(true);
  }
});

test("it ends when the client goes away in the middle", async () => {
  const answer = await request(0, HUGE - 1);
  answer.once("data", () => answer.destroy());
  await new Promise((resolve) => answer.once("close", resolve));
  expect(await ends.at(-1)).toBeInstanceOf(Error);
});

test("a file that is too short cuts the answer and does not end it", async () => {
  const answer = await request(0, content.length + 5);
  await expect(buffer(answer)).rejects.toThrow("aborted");
  expect(await ends.at(-1)).toMatchObject({ message: "A layer's file is shorter than the layer." });
});
