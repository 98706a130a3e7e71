import { randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { startCrashProcess } from "../testing/crash-process.ts";
import { anImage, type BuiltManifest, sha256 } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";

/** Each on data of its own: what has to be looked at again after each round would grow with the square of their number. */
const SERIES = Array.from({ length: process.env["SOAK"] === undefined ? 1 : 10 }, (_, series) => series);
const ROUNDS = 10;
const WRITERS = 4;

type Child = {
  kill(): Promise<void>;
  readonly source: RegistryClient;
  readonly replica: RegistryClient;
};

async function startChild(directory: string): Promise<Child> {
  const { server, kill } = await startCrashProcess(directory);
  return { kill, source: clientOf(server), replica: clientOf(server, { region: "us-west-2" }) };
}

/** What the registry has promised, and what it was in the middle of. */
type Ledger = {
  readonly blobs: Set<Buffer>;
  readonly images: Map<string, BuiltManifest>;
  /** Per tag: the last digest that was acknowledged, and the one asked for after it. */
  readonly tags: Map<string, { acknowledged?: string; asked?: string }>;
  acknowledgements: number;
};

/** Pushes one image after the other under one tag, until the process dies. */
async function write(client: RegistryClient, ledger: Ledger, options: { tag: string; after: () => void }) {
  const state = ledger.tags.get(options.tag) ?? {};
  ledger.tags.set(options.tag, state);
  for (;;) {
    const image = anImage([randomBytes(50_000), randomBytes(10)]);
    for (const blob of image.blobs) {
      const pushed = await client.pushBlob("app", blob);
      expect(pushed.status).toBe(201);
      ledger.blobs.add(blob);
      ledger.acknowledgements += 1;
      options.after();
    }
    state.asked = image.digest;
    const answer = await client.v2({
      method: "PUT",
      path: `/v2/app/manifests/${options.tag}`,
      body: image.bytes,
      headers: { "Content-Type": image.mediaType },
    });
    expect(answer.status).toBe(201);
    state.acknowledged = image.digest;
    ledger.images.set(image.digest, image);
    ledger.acknowledgements += 1;
    options.after();
  }
}

/** Writers at work, and the process killed under them at the n-th acknowledgement. */
async function writeUntilKilled(child: Child, ledger: Ledger, acknowledgements: number): Promise<void> {
  const end = ledger.acknowledgements + acknowledgements;
  let killed: Promise<void> | undefined;
  const after = () => {
    if (ledger.acknowledgements >= end) killed ??= child.kill();
  };
  const writers = Array.from({ length: WRITERS }, (_, n) =>
    write(child.source, ledger, { tag: `tag-${n}`, after }),
  );
  const outcomes = await Promise.allSettled(writers);
  for (const outcome of outcomes) {
    const reason = outcome.status === "rejected" ? outcome.reason : undefined;
    if (reason?.name === "AssertionError") throw reason;
  }
  await killed;
}

async function requireAllPromises({ source }: Child, ledger: Ledger): Promise<void> {
  for (const blob of ledger.blobs) {
    const { body } = await source.v2({ method: "GET", path: `/v2/app/blobs/${sha256(blob)}` });
    expect(body.equals(blob)).toBe(true);
  }
  for (const image of ledger.images.values()) {
    const { body } = await source.v2({ method: "GET", path: `/v2/app/manifests/${image.digest}` });
    expect(body.equals(image.bytes)).toBe(true);
  }
  for (const [tag, { acknowledged, asked }] of ledger.tags) {
    const { headers } = await source.v2({ method: "HEAD", path: `/v2/app/manifests/${tag}` });
    expect([acknowledged, asked]).toContain(headers["docker-content-digest"]);
  }
}

/** Whatever can be seen, promised or not, is whole. */
async function requireNothingHalf(client: RegistryClient): Promise<number> {
  const { body } = await client.api("ListImages", { repositoryName: "app", maxResults: 1000 });
  const ids = (body["imageIds"] ?? []) as unknown as { imageDigest: string }[];
  for (const { imageDigest } of ids) {
    const manifest = await client.v2({ method: "GET", path: `/v2/app/manifests/${imageDigest}` });
    expect(sha256(manifest.body)).toBe(imageDigest);
    const { config, layers } = JSON.parse(manifest.text);
    for (const { digest } of [config, ...layers]) {
      const blob = await client.v2({ method: "GET", path: `/v2/app/blobs/${digest}` });
      expect(sha256(blob.body)).toBe(digest);
    }
  }
  return ids.length;
}

test.each(SERIES)(
  `series %i: killed ${ROUNDS} times while it is written to, the registry keeps what it acknowledged and shows nothing half`,
  {
    timeout: 300_000,
  },
  async (series) => {
    const directory = await mkdtemp(join(tmpdir(), "registry-crash-"));
    const ledger: Ledger = { blobs: new Set(), images: new Map(), tags: new Map(), acknowledgements: 0 };
    let child = await startChild(directory);
    onTestFinished(() => child.kill());
    await child.source.api("CreateRepository", { repositoryName: "app" });
    const destinations = [{ registryId: "111122223333", region: "us-west-2" }];
    await child.source.api("PutReplicationConfiguration", {
      replicationConfiguration: { rules: [{ destinations }] },
    });

    for (let round = 0; round < ROUNDS; round++) {
      await writeUntilKilled(child, ledger, 9 + ((round * 5 + series * 3) % 17));
      child = await startChild(directory);
      expect(await readdir(join(directory, "uploads"))).toEqual([]);
      await requireAllPromises(child, ledger);
      expect(await requireNothingHalf(child.source)).toBeGreaterThanOrEqual(ledger.images.size);
      await requireNothingHalf(child.replica);
    }
    await vi.waitFor(
      async () => {
        for (const digest of ledger.images.keys()) {
          const { status } = await child.replica.v2({ method: "HEAD", path: `/v2/app/manifests/${digest}` });
          expect(status).toBe(200);
        }
      },
      { timeout: 120_000, interval: 100 },
    );
    expect(ledger.images.size).toBeGreaterThan(ROUNDS);
    await child.kill();
    await rm(directory, { recursive: true, force: true });
  },
);
