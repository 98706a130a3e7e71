import { registryName } from "@tallyman/domain/registry/registry";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { faults } from "../chaos/support/faults.ts";
import { advance, idle, metric } from "../chaos/support/settle.ts";
import { Embedded } from "../support/embedded.ts";
import { createRepository, OTHER, REGISTRIES } from "../support/registries.ts";
import { type Registry, RegistryClient } from "../support/registry-client.ts";
import { callTallyman, runTallyman } from "../support/run-tallyman.ts";

// Reconciles of four registries: how much they ask at once, what a broken one does to the others, and its way back.

/** `tallyman reconcile` compares one repository of a registry at a time, and sixteen of its images at once. */
const AT_ONCE = 16;
const IMAGES = 24;

type Load = Registry & { readonly inFlight: number; readonly peak: number };
type Progress = Registry & { readonly state: string; readonly reason?: string; readonly failed?: number };
type Staleness = Registry & { readonly stale: boolean; readonly staleReason?: string };

let product: Embedded;

beforeAll(async () => {
  product = await Embedded.start();
  // Nothing is heard: a reconcile finds all of it.
  await faults(product, { events: { drop: 1 } });
  await Promise.all(REGISTRIES.map(fill));
}, 300_000);
afterAll(() => product?.dispose());
beforeEach(() => faults(product, { events: { drop: 1 } }));

async function fill(registry: Registry): Promise<void> {
  const client = await RegistryClient.login(product.url, registry);
  await createRepository(product.url, registry, "prod/web");
  await createRepository(product.url, registry, "team/app");
  for (let n = 0; n < IMAGES; n++) {
    // No two registries share a manifest: each is read.
    await client.pushImage("prod/web", `1.0.${n}`, `${registryName(registry)} ${n}`);
  }
  await client.pushImage("team/app", "1.0.0", `${registryName(registry)} app`);
}

async function ask(body: object = {}): Promise<string> {
  const answer = await product.api.post("/reconciles", body);
  expect(answer.status).toBe(202);
  return String(answer.body["run"]);
}

async function progress(
  run: string,
): Promise<{ readonly state: string; readonly registries: readonly Progress[] }> {
  return (await product.api.get(`/reconciles/${run}`)).body as never;
}

async function ended(run: string): Promise<readonly Progress[]> {
  return product.until("the reconcile is over", async () => {
    const { state, registries } = await progress(run);
    return ["completed", "incomplete"].includes(state) && registries;
  });
}

async function staleness(registry: Registry): Promise<Staleness | undefined> {
  const { body } = await product.api.get("/health");
  return (body["registries"] as Staleness[]).find((it) => registryName(it) === registryName(registry));
}

async function repositoriesOf(registry: Registry) {
  const items = (await product.api.list("/repositories")) as unknown as (Staleness & {
    repository: string;
  })[];
  return items.filter((it) => registryName(it) === registryName(registry));
}

/** Lets messages that failed come back, until `probe` finds what it looks for. */
async function whileTimePasses<T>(what: string, probe: () => Promise<T | undefined | false>): Promise<T> {
  return product.until(what, async () => {
    const found = await probe();
    const report = await idle(product);
    const waiting = report.queues.some(({ consumed, inFlight }) => consumed && inFlight > 0);
    if (!found && waiting && report.batches === 0) await advance(product, 60);
    return found;
  });
}

test("registries run side by side, and none is asked more at once than one sweep asks", async () => {
  await faults(product, { events: { drop: 1 }, latency: { "ecr:*": 60 } });
  await product.control("POST", "load");
  const run = await ask();
  let together = 0;
  const registries = await product.until("the reconcile is over", async () => {
    const { registries } = (await product.control("GET", "load")) as { registries: readonly Load[] };
    together = Math.max(together, registries.filter(({ inFlight }) => inFlight > 0).length);
    return (await progress(run)).state === "completed" && registries;
  });
  expect(registries.map(registryName).toSorted()).toEqual(REGISTRIES.map(registryName).toSorted());
  for (const { peak } of registries) {
    expect(peak).toBeLessThanOrEqual(AT_ONCE);
    expect(peak).toBeGreaterThan(AT_ONCE / 2);
  }
  expect(together).toBeGreaterThan(1);
  expect(await metric(product, "RegistryReconciled")).toBe(REGISTRIES.length);
});

test("all repositories daily, changed ones hourly", async () => {
  await ended(await ask());
  const before = await metric(product, "ReconcileCompleted");
  await product.control("POST", "run/reconcile?wait=30");
  expect((await metric(product, "ReconcileCompleted")) - before).toBe(2 * REGISTRIES.length);
  // Nothing was heard of any of them since.
  await product.control("POST", "run/reconcile-changed?wait=30");
  expect((await metric(product, "ReconcileCompleted")) - before).toBe(2 * REGISTRIES.length);
  await createRepository(product.url, OTHER, "team/unheard");
  await product.control("POST", "run/reconcile-changed?wait=30");
  expect((await metric(product, "ReconcileCompleted")) - before).toBe(2 * REGISTRIES.length + 1);
});

test("a broken registry is stale with its reason, stops none of the others, and heals by itself", async () => {
  await ended(await ask());
  const fault = { status: 500, code: "ServerException", registry: registryName(OTHER) };
  await faults(product, { events: { drop: 1 }, operations: { "ecr:*": fault } });
  const run = await ask();
  const { registries } = await product.until("the others are through", async () => {
    const now = await progress(run);
    return now.state === "failing" && now;
  });
  expect(registries.filter(({ state }) => state === "completed")).toHaveLength(REGISTRIES.length - 1);
  const reason = expect.stringContaining("ServerException");
  expect(registries.find(({ state }) => state === "failing")).toMatchObject({ ...OTHER, reason });
  for (const registry of REGISTRIES) {
    const stale = registry === OTHER;
    expect(await staleness(registry)).toMatchObject({ stale });
    for (const it of await repositoriesOf(registry)) expect(it).toMatchObject({ stale });
  }
  expect(await staleness(OTHER)).toMatchObject({ staleReason: reason });
  expect((await repositoriesOf(OTHER))[0]).toMatchObject({ staleReason: reason });
  const status = await callTallyman(["status"], product.url);
  expect(status.stdout).toMatch(/444455556666\/us-east-1 stale: .*ServerException/);

  await faults(product, { events: { drop: 1 } });
  await whileTimePasses("it is well again", async () => (await staleness(OTHER))?.stale === false);
  expect(await progress(run)).toMatchObject({ state: "completed" });
});

test("a run whose registry breaks on the way gives up after one repository, with no dead letter, and the next takes what it left", async () => {
  await ended(await ask());
  const fault = { code: "AccessDeniedException", registry: registryName(OTHER) };
  // It still lists its repositories: what is refused is to list their images.
  await faults(product, { events: { drop: 1 }, operations: { "ecr:DescribeImages": fault } });
  const run = await ask({ registry: OTHER });
  const [registry] = await whileTimePasses("the reconcile is over", async () => {
    const { state, registries } = await progress(run);
    return state === "incomplete" && registries;
  });
  const repositories = await repositoriesOf(OTHER);
  const reason = expect.stringMatching(
    /could not be asked, and nothing was compared from \S+ on: .*AccessDenied/,
  );
  expect(registry).toMatchObject({ repositories: repositories.length, compared: 0, reason });
  expect(repositories.length).toBeGreaterThan(1);
  for (const it of repositories)
    expect(it).toMatchObject({ stale: true, staleReason: expect.stringContaining("AccessDenied") });
  const { queues } = await idle(product);
  const dead = queues.find(({ name }) => name.startsWith("ReconcileDeadLetters"));
  expect(dead).toMatchObject({ visible: 0, inFlight: 0 });

  await faults(product, { events: { drop: 1 } });
  const before = await metric(product, "ReconcileCompleted");
  await product.control("POST", "run/reconcile-changed?wait=30");
  expect((await metric(product, "ReconcileCompleted")) - before).toBe(repositories.length);
  for (const it of await repositoriesOf(OTHER)) expect(it).toMatchObject({ stale: false });
  expect(await staleness(OTHER)).toMatchObject({ stale: false });
});

test("a repository that keeps failing ends as a dead letter, its registry goes on, and redrive brings it home", async () => {
  const fault = { code: "AccessDeniedException", registry: registryName(OTHER) };
  await faults(product, { events: { drop: 1 }, operations: { "ecr:DescribeImages": fault } });
  const run = await ask({ registry: OTHER, repository: "prod/web" });
  const [registry] = await whileTimePasses("the reconcile is over", async () => {
    const { state, registries } = await progress(run);
    return state === "incomplete" && registries;
  });
  expect(registry).toMatchObject({ failed: 1, reason: expect.stringContaining("AccessDenied") });
  const web = async () => (await repositoriesOf(OTHER)).find((it) => it.repository === "prod/web");
  expect(await web()).toMatchObject({ stale: true, staleReason: expect.stringContaining("AccessDenied") });
  const waited = await runTallyman(["reconcile", "--run", run, "--wait"], { endpoint: product.url });
  expect(waited).toMatchObject({ code: 1, stderr: expect.stringContaining("dlq") });

  await faults(product, { events: { drop: 1 } });
  const redriven = await callTallyman(["dlq", "redrive", "ReconcileDeadLetters"], product.url);
  expect(redriven).toMatchObject({ code: 0, stdout: expect.stringContaining("1 messages moved back") });
  await product.until("it is compared", async () => (await web())?.stale === false);
  await product.until("its registry is well", async () => (await staleness(OTHER))?.stale === false);
});

test("throttled calls are tried again a bounded number of times, and the reconcile ends right", async () => {
  await product.control("POST", "switches", { requestRates: "quotas" });
  const throttled = { rate: 0.3, code: "ThrottlingException" };
  await faults(product, { events: { drop: 1 }, operations: { "ecr:*": throttled } });
  const before = await describeImages();
  const run = await ask({ registry: OTHER });
  const [registry] = await whileTimePasses("the reconcile is over", async () => {
    const { state, registries } = await progress(run);
    return state === "completed" && registries;
  });
  expect(registry).toMatchObject({ state: "completed", failed: 0 });
  // Three repositories of one page each; five attempts of the client, five receives of the message.
  const attempts = (await describeImages()) - before;
  expect(attempts).toBeGreaterThanOrEqual(3);
  expect(attempts).toBeLessThanOrEqual(3 * 5 * 5);
  await product.control("POST", "switches", { requestRates: "none" });
});

async function describeImages(): Promise<number> {
  const wire = (await product.control("GET", "wire")) as Record<string, Record<string, number>>;
  return wire["ecr:DescribeImages"]?.["tallyman-reader"] ?? 0;
}

test("the command waits, and shows each registry", async () => {
  const run = await callTallyman(["reconcile", "prod/web", "--wait"], product.url);
  expect(run.code).toBe(0);
  for (const registry of REGISTRIES)
    expect(run.stdout).toMatch(new RegExp(`${registryName(registry)} +completed +1 +1`));
  const queued = await callTallyman(["reconcile", "--registry", registryName(OTHER), "--json"], product.url);
  expect(JSON.parse(queued.stdout)).toMatchObject({ state: "running", registries: [OTHER] });
  await ended(String(JSON.parse(queued.stdout).run));
});
