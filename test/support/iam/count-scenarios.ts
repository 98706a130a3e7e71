import { createRepository, OTHER } from "../registries.ts";
import { OCI_MANIFEST, RegistryClient } from "../registry-client.ts";
import type { Ground, Scenario } from "./ground.ts";
import { imageScenarios, REPOSITORY } from "./image-scenarios.ts";

/** More layers than are kept beside a manifest: whoever counts them reads the manifest from the bucket. */
const MANY = 101;

async function pushManyLayers({ url }: Ground, tag: string): Promise<void> {
  const client = await RegistryClient.login(url, OTHER);
  const descriptor = async (content: string) => ({
    mediaType: "application/vnd.oci.image.layer.v1.tar",
    digest: await client.pushBlob(REPOSITORY, Buffer.from(content)),
    size: Buffer.byteLength(content),
  });
  const layers = [];
  for (let i = 0; i < MANY; i++) layers.push(await descriptor(`layer ${i}`));
  const config = { ...(await descriptor("{}")), mediaType: "application/vnd.oci.image.config.v1+json" };
  await client.pushManifest(REPOSITORY, tag, {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config,
    layers,
  });
}

async function isCounted(ground: Ground): Promise<boolean> {
  const listed = await ground.product.api.list("/repositories");
  const found = listed.find(
    (it) => it["account"] === OTHER.account && it["repository"] === REPOSITORY && it["goneAt"] === undefined,
  );
  return Number(found?.["billedBytes"] ?? 0) > 0;
}

/** A minute after a push its repository is counted. */
const counted: Scenario = {
  async setUp({ url }) {
    await createRepository(url, OTHER, REPOSITORY);
  },
  async act(ground) {
    await pushManyLayers(ground, "1.0.0");
    await ground.settle();
    await ground.product.control("POST", "clock", { advance: "PT61S" });
  },
  isDone: isCounted,
};

/** A reconcile, which counts too, of an image whose layers are read from its manifest. */
const reconciledAndCounted: Scenario = {
  async setUp(ground) {
    await imageScenarios.reconciled.setUp(ground);
    await pushManyLayers(ground, "1.0.0");
  },
  act: imageScenarios.reconciled.act,
  isDone: async (ground) => (await imageScenarios.reconciled.isDone(ground)) && (await isCounted(ground)),
};

export const countScenarios = {
  counted,
  reconciledAndCounted,
} satisfies Readonly<Record<string, Scenario>>;
