import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { startCrashProcess } from "../testing/crash-process.ts";
import { anImage, anIndex, type BuiltManifest, sha256 } from "../testing/image-builder.ts";
import { clientOf, type RegistryClient } from "../testing/registry-client.ts";

const ROUNDS = process.env["SOAK"] === undefined ? 5 : 30;
const WRITERS = 4;
/** More than are between the push of an image and that of its index at any time: those must not expire. */
const KEPT = 12;
const POLICY = {
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: "untagged", countType: "imageCountMoreThan", countNumber: KEPT },
      action: { type: "expire" },
    },
  ],
};
const repositoryName = "app";

/** Per tag: the last digest that was acknowledged, and the one asked for after it. */
type Ledger = { readonly tags: Map<string, { acknowledged?: string; asked?: string }>; pushed: number };

async function put(client: RegistryClient, manifest: BuiltManifest, reference: string): Promise<void> {
  const { status } = await client.v2({
    method: "PUT",
    path: `/v2/${repositoryName}/manifests/${reference}`,
    body: manifest.bytes,
    headers: { "Content-Type": manifest.mediaType },
  });
  expect(status).toBe(201);
}

/** Moves one tag from one index of one image to the next, until the process dies; what lost the tag may expire. */
async function write(client: RegistryClient, ledger: Ledger, options: { tag: string; after: () => void }) {
  const state = ledger.tags.get(options.tag) ?? {};
  ledger.tags.set(options.tag, state);
  for (;;) {
    const image = anImage([randomBytes(2000)]);
    const index = anIndex([image]);
    for (const blob of image.blobs) expect((await client.pushBlob(repositoryName, blob)).status).toBe(201);
    await put(client, image, image.digest);
    state.asked = index.digest;
    await put(client, index, options.tag);
    state.acknowledged = index.digest;
    ledger.pushed += 2;
    options.after();
  }
}

/** Writers at work, and the process killed under them, and under the lifecycle's run, once so many images are pushed. */
async function writeUntilKilled(
  child: { readonly client: RegistryClient; kill(): Promise<void> },
  ledger: Ledger,
  images: number,
): Promise<void> {
  const end = ledger.pushed + images;
  let killed: Promise<void> | undefined;
  const after = () => {
    if (ledger.pushed >= end) killed ??= child.kill();
  };
  const writers = Array.from({ length: WRITERS }, (_, n) =>
    write(child.client, ledger, { tag: `tag-${n}`, after }),
  );
  for (const outcome of await Promise.allSettled(writers)) {
    const reason = outcome.status === "rejected" ? outcome.reason : undefined;
    if (reason?.name === "AssertionError") throw reason;
  }
  await killed;
}

async function listDigests(client: RegistryClient): Promise<ReadonlySet<string>> {
  const { body } = await client.api("ListImages", { repositoryName, maxResults: 1000 });
  const ids = (body["imageIds"] ?? []) as unknown as { imageDigest: string }[];
  return new Set(ids.map(({ imageDigest }) => imageDigest));
}

/** Every index that is there has its image, and every image its layers; those that expire meanwhile have left whole. */
async function requireNothingHalf(client: RegistryClient): Promise<number> {
  const digests = await listDigests(client);
  const get = (path: string) => client.v2({ method: "GET", path: `/v2/${repositoryName}/${path}` });
  for (const digest of digests) {
    const manifest = await get(`manifests/${digest}`);
    if (manifest.status === 404) continue;
    expect(sha256(manifest.body)).toBe(digest);
    const { config, layers = [], manifests = [] } = JSON.parse(manifest.text);
    const parts = await Promise.all([
      ...manifests.map((child: { digest: string }) => get(`manifests/${child.digest}`)),
      ...[config, ...layers].filter((it) => it !== undefined).map((it) => get(`blobs/${it.digest}`)),
    ]);
    const whole = parts.every(({ status }) => status === 200);
    if (!whole) expect((await get(`manifests/${digest}`)).status, digest).toBe(404);
  }
  return digests.size;
}

async function requireTags(client: RegistryClient, ledger: Ledger): Promise<void> {
  for (const [tag, { acknowledged, asked }] of ledger.tags) {
    const path = `/v2/${repositoryName}/manifests/${tag}`;
    const { headers } = await client.v2({ method: "HEAD", path });
    expect([acknowledged, asked]).toContain(headers["docker-content-digest"]);
  }
}

test(`killed ${ROUNDS} times while a lifecycle policy takes away what others push, the registry shows nothing half and goes on`, {
  timeout: 600_000,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), "registry-crash-lifecycle-"));
  const start = async () => {
    const { server, kill } = await startCrashProcess(directory, "lifecycle");
    return { client: clientOf(server), kill };
  };
  const ledger: Ledger = { tags: new Map(), pushed: 0 };
  let child = await start();
  onTestFinished(() => child.kill());
  await child.client.api("CreateRepository", { repositoryName });
  const lifecyclePolicyText = JSON.stringify(POLICY);
  const policed = await child.client.api("PutLifecyclePolicy", { repositoryName, lifecyclePolicyText });
  expect(policed.status).toBe(200);

  for (let round = 0; round < ROUNDS; round++) {
    await writeUntilKilled(child, ledger, 40 + ((round * 7) % 17));
    child = await start();
    await requireTags(child.client, ledger);
    expect(await requireNothingHalf(child.client)).toBeLessThan(ledger.pushed);
  }
  // The tags with their images, what the policy keeps, and the images of indexes that it keeps: all else goes.
  const most = 2 * WRITERS + 2 * KEPT;
  await vi.waitFor(async () => expect((await listDigests(child.client)).size).toBeLessThanOrEqual(most), {
    timeout: 120_000,
    interval: 50,
  });
  expect(ledger.pushed).toBeGreaterThan(ROUNDS * most);
  await requireTags(child.client, ledger);
  await requireNothingHalf(child.client);
  await child.kill();
  await rm(directory, { recursive: true, force: true });
});
