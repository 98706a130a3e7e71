import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { afterAll, beforeAll } from "vitest";
import { Embedded } from "../support/embedded.ts";
import { Evidence } from "../support/evidence.ts";
import { Fleet, uri } from "../support/fleet.ts";
import { imageOfTag } from "../support/inventory.ts";
import { createRepository, EAST } from "../support/registries.ts";
import { type Registry, RegistryClient } from "../support/registry-client.ts";

/** A repository in a registry of the running product, with somebody who pushes to it. */
export type Shelf = RepositoryRef & {
  /** Pushes an image, which the inventory then has; the same content is the same digest. */
  push(tag: string, content: string): Promise<string>;
  /** `<registry>/<repository><rest>`, where `rest` is `:tag` or `@digest`. */
  image(rest: string): string;
  /** A login lasts for twelve hours of the product's clock. */
  login(): Promise<RegistryClient>;
};

/** The running product of one file of scenarios, which differ in repositories, services and definitions. */
export type Stage = {
  product(): Embedded;
  evidence(): Evidence;
  fleet(at?: Registry): Promise<Fleet>;
  shelf(repository: string, at?: Registry): Promise<Shelf>;
};

export function stage(): Stage {
  let product: Embedded;
  let evidence: Evidence;
  const fleets = new Map<Registry, Promise<Fleet>>();
  beforeAll(async () => {
    product = await Embedded.start();
    evidence = new Evidence(product);
  });
  afterAll(async () => {
    for (const fleet of fleets.values()) (await fleet).close();
    evidence?.close();
    await product?.dispose();
  });
  return {
    product: () => product,
    evidence: () => evidence,
    fleet(at = EAST) {
      const fleet = fleets.get(at) ?? Fleet.open(product, at);
      fleets.set(at, fleet);
      return fleet;
    },
    shelf: (repository, at = EAST) => shelfOf(product, at, repository),
  };
}

async function shelfOf(product: Embedded, at: Registry, repository: string): Promise<Shelf> {
  await createRepository(product.url, at, repository);
  const login = () => RegistryClient.login(product.url, at);
  return {
    ...at,
    repository,
    login,
    image: (rest) => uri(at, `${repository}${rest}`),
    async push(tag, content) {
      const { digest } = await (await login()).pushImage(repository, tag, content);
      await product.until(`${tag} points to what was pushed`, async () => {
        const found = await imageOfTag(product, at, repository, tag);
        return found["digest"] === digest;
      });
      return digest;
    },
  };
}
