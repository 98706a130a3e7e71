import { createHash } from "node:crypto";
import { Embedded } from "../support/embedded.ts";
import { createRepository, EAST } from "../support/registries.ts";
import { RegistryClient } from "../support/registry-client.ts";
import type { Benchmark, Figure } from "./figure.ts";
import { memoryOf } from "./process-usage.ts";

const MEGABYTES = 200;
const MB = 1_000_000;
const REPOSITORY = "bench/large";

/** One blob up in one PUT and down again, streamed by one client on the same machine. For information. */
export const registryThroughputBenchmark: Benchmark = {
  name: "registry-throughput",
  title: `Embedded registry: one blob of ${MEGABYTES} MB`,
  async run() {
    const product = await Embedded.start();
    try {
      return await measure(product);
    } finally {
      await product.dispose();
    }
  },
};

async function measure(product: Embedded): Promise<readonly Figure[]> {
  await createRepository(product.url, EAST, REPOSITORY);
  const client = await RegistryClient.login(product.url, EAST);
  const before = memoryOf(product.pid);
  const began = performance.now();
  const digest = await upload(client);
  const uploaded = performance.now();
  const afterUpload = memoryOf(product.pid);
  await download(client, digest);
  const downloaded = performance.now();
  const afterDownload = memoryOf(product.pid);
  return [
    rate("upload, digest computed by client and registry", uploaded - began),
    rate("download, digest checked by the client", downloaded - uploaded),
    { what: "resident memory before", value: before, unit: "MB" },
    { what: "more after the upload", value: afterUpload - before, unit: "MB" },
    { what: "more after the download", value: afterDownload - before, unit: "MB" },
  ];
}

function rate(what: string, milliseconds: number): Figure {
  return {
    what,
    value: MEGABYTES / (milliseconds / 1000),
    unit: "MB/s",
    note: `${Math.round(milliseconds)} ms`,
  };
}

/** Bytes that do not compress, different in every megabyte. */
function* content(): Generator<Buffer> {
  const chunk = Buffer.alloc(MB);
  for (let i = 0; i < chunk.length; i++) chunk[i] = (i * 2_654_435_761) >>> 24;
  for (let count = 0; count < MEGABYTES; count++) {
    chunk.writeUInt32LE(count, 0);
    yield Buffer.from(chunk);
  }
}

async function upload(client: RegistryClient): Promise<string> {
  const started = await client.request("POST", `/v2/${REPOSITORY}/blobs/uploads/`);
  await started.arrayBuffer();
  const hash = createHash("sha256");
  const body = ReadableStream.from(
    (async function* () {
      for (const chunk of content()) {
        hash.update(chunk);
        yield chunk;
      }
    })(),
  );
  const location = started.headers.get("location") ?? "";
  const patched = await client.request("PATCH", location, {
    headers: { "content-type": "application/octet-stream" },
    body,
  });
  if (patched.status !== 202) throw new Error(`PATCH answered ${patched.status}: ${await patched.text()}`);
  const digest = `sha256:${hash.digest("hex")}`;
  const next = patched.headers.get("location") ?? location;
  const closing = `${next}${next.includes("?") ? "&" : "?"}digest=${encodeURIComponent(digest)}`;
  const closed = await client.request("PUT", closing);
  if (closed.status !== 201) throw new Error(`PUT answered ${closed.status}: ${await closed.text()}`);
  return digest;
}

async function download(client: RegistryClient, digest: string): Promise<void> {
  const response = await client.request("GET", `/v2/${REPOSITORY}/blobs/${digest}`);
  const hash = createHash("sha256");
  for await (const chunk of response.body ?? []) hash.update(chunk);
  const actual = `sha256:${hash.digest("hex")}`;
  if (actual !== digest) throw new Error(`downloaded ${actual} instead of ${digest}`);
}
