import { recordImage } from "@tallyman/domain/inventory/record-image";
import { TaggingRule } from "@tallyman/domain/policy/policy";
import { beforeEach, expect, test } from "vitest";
import { aDigest } from "../builders/digest.ts";
import { aManifest } from "../builders/manifest.ts";
import { aRepository } from "../builders/registry.ts";
import { type MemoryRegistry, memoryRegistry } from "../fakes/memory-registry.ts";
import { describeInventories } from "./inventories.ts";

// docs/architecture.md, "The write protocol": each of its promises over each store.

const web = aRepository("prod/web");
const A = aDigest("A");
const B = aDigest("B");
const NOW = new Date("2026-11-21T12:00:00.000Z");
const RULES = [TaggingRule.parse({ name: "no-latest", repositories: ["prod/**"], deny: ["latest"] })];

describeInventories((inventory) => {
  let registry: MemoryRegistry;

  beforeEach(() => {
    registry = memoryRegistry();
    for (const seed of ["A", "B"]) registry.putManifest({ ...aManifest(seed), digest: aDigest(seed) });
  });

  let events = 0;
  const hear = (digest: string, tag: string, now = NOW, event = `event ${++events}`) => {
    const request = {
      repository: web,
      subject: { digest, tag },
      cause: "push",
      event,
      rules: RULES,
      keepDays: 730,
      now,
    } as const;
    return recordImage({ ...inventory(), registry, manifestReader: registry }, request);
  };
  const push = (digest: string, tag: string) => registry.push(web, { digest, tags: [tag] });
  const history = async (tag: string) =>
    (await inventory().queries.listTagHistory(web, tag, { limit: 100 })).items.map((it) => it.digest);
  const openViolations = async () =>
    (await inventory().queries.listViolations({ state: "open" }, { limit: 100 })).items.map(
      (it) => it.digest,
    );

  test("a rollback A, B, A is three intervals, and one violation stays open", async () => {
    for (const digest of [A, B, A]) {
      push(digest, "latest");
      await hear(digest, "latest");
    }
    expect(await history("latest")).toEqual([A, B, A]);
    expect(await openViolations()).toEqual([A]);
  });

  test("two tags pushed in one second are both kept, and their image is written once", async () => {
    push(A, "1.0");
    push(A, "1.0.0");
    await Promise.all([hear(A, "1.0"), hear(A, "1.0.0")]);
    expect([await history("1.0"), await history("1.0.0")]).toEqual([[A], [A]]);
    expect((await inventory().images.findImage(web, A))?.version).toBe(1);
  });

  test("of two workers the slower one, holding the older read, changes nothing", async () => {
    push(A, "latest");
    registry.afterRead = async (read) => {
      if (!read.startsWith("findImage")) return;
      registry.afterRead = undefined;
      push(B, "latest");
      await hear(B, "latest");
    };
    await hear(A, "latest");
    expect(await history("latest")).toEqual([B]);
    expect(await openViolations()).toEqual([B]);
  });

  test("a tag moved away and back while a worker was slow ends where the registry has it", async () => {
    push(A, "1");
    await hear(A, "1");
    push(B, "1");
    registry.afterRead = async (read) => {
      if (!read.startsWith("findImage")) return;
      registry.afterRead = undefined;
      // The worker has read B. The tag goes back to A, and whoever hears of that finds nothing to write.
      push(A, "1");
      await hear(A, "1");
    };
    await hear(B, "1");
    expect((await inventory().tags.findTag(web, "1"))?.digest).toBe(A);
  });

  test("a crash between history and pointer shows the settled state once, and the next try completes it", async () => {
    push(A, "1");
    await hear(A, "1");
    push(B, "1");
    inventory().probe.killBeforePointer = true;
    await expect(hear(B, "1")).rejects.toThrow("killed");
    expect(await history("1")).toEqual([A]);
    inventory().probe.killBeforePointer = false;
    await hear(B, "1");
    expect(await history("1")).toEqual([A, B]);
  });

  test("a clock set back 30 days between pushes does not reorder history", async () => {
    push(A, "1");
    await hear(A, "1");
    push(B, "1");
    await hear(B, "1", new Date(NOW.getTime() - 30 * 24 * 3600_000));
    expect(await history("1")).toEqual([A, B]);
  });

  test("the same event five times writes four items the first time and none after", async () => {
    push(A, "latest");
    await hear(A, "latest", NOW, "one");
    // Image, pointer, manifest head, violation.
    expect(inventory().probe.writes()).toBe(4);
    for (let again = 2; again <= 5; again++)
      await hear(A, "latest", new Date(NOW.getTime() + again * 60_000), "one");
    expect(inventory().probe.writes()).toBe(4);
  });

  test("a moved tag costs four writes, and one for the violation that goes on with its new image", async () => {
    push(A, "latest");
    await hear(A, "latest");
    push(B, "latest");
    await hear(B, "latest");
    expect(inventory().probe.writes()).toBe(4 + 4 + 1);
    expect(await openViolations()).toEqual([B]);
  });

  const life = async (digest: string) =>
    (await inventory().queries.listImageLife(web, digest, { limit: 100 })).items.map((it) => it.status);
  const change = (digest: string, status: "ACTIVE" | "ARCHIVED") => registry.push(web, { digest, status });

  test("a stage of an image's life that ends costs two writes, and is told with its successor", async () => {
    push(A, "1");
    await hear(A, "1", NOW, "pushed");
    const before = inventory().probe.writes();
    change(A, "ARCHIVED");
    await hear(A, "1", NOW, "pushed");
    expect(inventory().probe.writes() - before).toBe(2);
    expect(await life(A)).toEqual(["ACTIVE", "ARCHIVED"]);
  });

  test.each(["history", "image"] as const)(
    "a crash before a stage's %s shows it once, and the next try completes it",
    async (kind) => {
      push(A, "1");
      await hear(A, "1");
      change(A, "ARCHIVED");
      inventory().probe.killBefore = kind;
      await expect(hear(A, "1")).rejects.toThrow("killed");
      expect(await life(A)).toEqual(["ACTIVE"]);
      inventory().probe.killBefore = undefined;
      await hear(A, "1");
      expect(await life(A)).toEqual(["ACTIVE", "ARCHIVED"]);
    },
  );

  test("a crash before a tag's history loses nothing of it either", async () => {
    push(A, "1");
    await hear(A, "1");
    push(B, "1");
    inventory().probe.killBefore = "history";
    await expect(hear(B, "1")).rejects.toThrow("killed");
    inventory().probe.killBefore = undefined;
    await hear(B, "1");
    expect(await history("1")).toEqual([A, B]);
  });

  test("a clock set back 30 days does not reorder a life", async () => {
    push(A, "1");
    await hear(A, "1");
    change(A, "ARCHIVED");
    await hear(A, "1", new Date(NOW.getTime() - 30 * 24 * 3600_000));
    expect(await life(A)).toEqual(["ACTIVE", "ARCHIVED"]);
  });

  test("a pull costs one write, ends no stage and changes nothing else", async () => {
    push(A, "1");
    await hear(A, "1", NOW, "pushed");
    const [before, writes] = [await inventory().images.findImage(web, A), inventory().probe.writes()];
    registry.push(web, { digest: A, lastPulledAt: "2026-11-21T13:00:00.000Z" });
    await hear(A, "1", new Date(NOW.getTime() + 3_600_000), "pushed");
    expect(inventory().probe.writes() - writes).toBe(1);
    const after = await inventory().images.findImage(web, A);
    expect(after).toEqual({ ...before, version: 2, lastPulledAt: "2026-11-21T13:00:00.000Z" });
  });
});
