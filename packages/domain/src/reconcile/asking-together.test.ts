import { beforeEach, expect, test } from "vitest";
import { aDigest } from "../../../../test/builders/digest.ts";
import { aRepository } from "../../../../test/builders/registry.ts";
import { type MemoryRegistry, memoryRegistry } from "../../../../test/fakes/memory-registry.ts";
import { askingTogether } from "./asking-together.ts";

const web = aRepository("prod/web");
const digests = Array.from({ length: 20 }, (_, i) => aDigest(`${i}`));
let registry: MemoryRegistry;
beforeEach(() => {
  registry = memoryRegistry();
});

test("of a repository that is gone, twenty who ask at the same time cost one question", async () => {
  const reader = askingTogether(registry, web);
  const found = await Promise.all(digests.map((digest) => reader.findImage(web, { digest })));
  expect(found.filter((image) => image !== undefined)).toEqual([]);
  expect(registry.reads).toEqual(["listImages prod/web"]);
});

test("who asks while a question is under way gets the answer of the next", async () => {
  const [digest = ""] = digests;
  let late: Promise<unknown> | undefined;
  const slow: MemoryRegistry = {
    ...registry,
    async *listImages(repository) {
      try {
        yield* registry.listImages(repository);
      } finally {
        // The answer is taken; before it comes home the repository is there again, and somebody asks.
        registry.push(web, { digest });
        late ??= reader.findImage(web, { digest });
      }
    },
  };
  const reader = askingTogether(slow, web);
  expect(await reader.findImage(web, { digest })).toBeUndefined();
  expect(await late).toMatchObject({ digest });
});

test("where the repository is there again, each gets its own answer", async () => {
  registry.push(web, { digest: digests[0] ?? "", tags: ["1.4.2"] });
  const reader = askingTogether(registry, web);
  expect(await reader.findImage(web, { tag: "1.4.2" })).toMatchObject({ digest: digests[0] });
  expect(await reader.findImage(web, { digest: digests[1] ?? "" })).toBeUndefined();
});

test("a question that fails fails for all who wait, and not for those who ask later", async () => {
  const reader = askingTogether(registry, web);
  registry.unavailable = true;
  const waiting = digests.map((digest) => reader.findImage(web, { digest }));
  const settled = await Promise.allSettled(waiting);
  expect(settled.filter(({ status }) => status === "fulfilled")).toEqual([]);
  registry.unavailable = false;
  expect(await reader.findImage(web, { digest: digests[0] ?? "" })).toBeUndefined();
});
