import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { Embedded } from "./embedded.ts";
import { imageOfTag } from "./inventory.ts";
import type { RawAnswer } from "./raw-http.ts";
import { createRepository, EAST, OTHER } from "./registries.ts";
import { type PushedManifest, RegistryClient } from "./registry-client.ts";
import { standing } from "./standing.ts";

export const REPOSITORY = "prod/web";
/** In the same registry, empty. */
export const SIBLING = "prod/sibling";
export const FOREIGN = "secret/vault";

export type Standing = {
  product(): Embedded;
  /** In `REPOSITORY` of EAST, under the tag 1.0.0. */
  image(): PushedManifest;
};

/**
 * A running product with one image here and one in the other account. After each test it must be alive, and at the end
 * of the file everything must stand as at its beginning, with no error of ours on its log.
 */
export function standingProduct(): Standing {
  let product: Embedded;
  let image: PushedManifest;
  let before: unknown;
  beforeAll(async () => {
    product = await Embedded.start();
    await createRepository(product.url, EAST, REPOSITORY);
    await createRepository(product.url, EAST, SIBLING);
    await createRepository(product.url, OTHER, FOREIGN);
    image = await (await RegistryClient.login(product.url, EAST)).pushImage(REPOSITORY, "1.0.0", "standing");
    await (await RegistryClient.login(product.url, OTHER)).pushImage(FOREIGN, "1.0.0", "foreign");
    await imageOfTag(product, EAST, REPOSITORY, "1.0.0");
    await imageOfTag(product, OTHER, FOREIGN, "1.0.0");
    await drained(product);
    before = await standing(product);
  });
  afterEach(async () => {
    expect(await product.control("GET", "health")).toMatchObject({ status: "ok" });
  });
  afterAll(async () => {
    try {
      await drained(product);
      expect(await standing(product)).toEqual(before);
      expect(product.output.filter(isOurs)).toEqual([]);
    } finally {
      await product?.dispose();
    }
  });
  return { product: () => product, image: () => image };
}

/** The cloud's own word for an error that nobody foresaw: whoever asked got a 500. */
function isOurs(line: string): boolean {
  return /^[\d:]+\s+cloud\s/.test(line);
}

/** Waits until the cloud says that nothing is under way. */
export async function drained(product: Embedded): Promise<void> {
  await product.atRest();
}

/** Status and code of a refusal, in whichever protocol it came; `text` has its message. */
export function refusal({ status, text }: RawAnswer): readonly [status: number, code: string | undefined] {
  if (text.startsWith("<")) return [status, /<Code>([^<]+)<\/Code>/.exec(text)?.[1]];
  if (!text.startsWith("{")) return [status, text.trim()];
  const body = JSON.parse(text) as { __type?: string; errors?: readonly { code: string }[]; code?: string };
  return [status, body.__type?.split("#").at(-1) ?? body.errors?.[0]?.code ?? body.code];
}
