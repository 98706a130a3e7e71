import { type ECRClient, PutReplicationConfigurationCommand } from "@aws-sdk/client-ecr";
import type { Switches } from "@tallyman/registry/core/switches";
import { advance, settle } from "../../chaos/support/settle.ts";
import type { Embedded } from "../embedded.ts";
import { EAST, EUROPE } from "../registries.ts";
import { ecrClient, type PushedManifest, RegistryClient } from "../registry-client.ts";
import { API_STEPS } from "./api-steps.ts";
import { IMAGE_STEPS, type Step } from "./image-steps.ts";
import { DAYS_BEFORE, HOURS_BEFORE, LIFECYCLE_STEPS } from "./lifecycle-steps.ts";
import { openPlace, placeAt } from "./place.ts";
import { TRANSFER_STEPS } from "./transfer-steps.ts";

export const STEPS: Readonly<Record<string, Step>> = {
  ...IMAGE_STEPS,
  ...API_STEPS,
  ...TRANSFER_STEPS,
  ...LIFECYCLE_STEPS,
};

/** More than a restore takes. */
const RESTORE_SECONDS = 11;
const NOTHING: PushedManifest = { digest: "", size: 0, mediaType: "" };

/** Every step, each at its place: a repository of this world. */
export type World = {
  readonly name: string;
  /** By step. */
  readonly prepared: Readonly<Record<string, PushedManifest>>;
};

/** The repositories of a world: by place, whether they are replicated, and which steps are done there. */
export function placesOf({ name }: Pick<World, "name">) {
  const places = new Map<string, { repository: string; copied: boolean; steps: Step[] }>();
  for (const [key, step] of Object.entries(STEPS)) {
    const copied = step.copied === true;
    const repository = repositoryOf(name, key, step);
    const place = places.get(step.place ?? key) ?? { repository, copied, steps: [] };
    places.set(step.place ?? key, { ...place, steps: [...place.steps, step] });
  }
  return places;
}

function repositoryOf(world: string, key: string, { place, copied }: Step): string {
  return `${copied ? "prod" : "prod/here"}/${world}/${(place ?? key).toLowerCase()}`;
}

/** Prepares all steps of some worlds, and lets a time pass. */
export async function prepareWorlds(product: Embedded, names: readonly string[]): Promise<readonly World[]> {
  const ecr = ecrClient(product.url, EAST);
  const access = { ecr, client: await RegistryClient.login(product.url, EAST) };
  const worlds: World[] = [];
  for (const name of names) {
    for (const { repository, steps } of placesOf({ name }).values())
      await openPlace(access, repository, steps[0]?.settings ?? {});
    const prepared = await forAll(async (key, step) => {
      const place = placeAt(access, repositoryOf(name, key, step));
      return (await step.prepare?.(place)) ?? NOTHING;
    });
    worlds.push({ name, prepared });
  }
  ecr.destroy();
  await settle(product);
  await advance(product, (DAYS_BEFORE * 24 + HOURS_BEFORE) * 3600);
  await settle(product);
  return worlds;
}

/** Does all steps under these switches; what events lead to is done when it answers. Answers with what the steps answered. */
export async function liveThrough(
  product: Embedded,
  { name, prepared }: World,
  switches: Switches,
): Promise<Readonly<Record<string, unknown>>> {
  await product.control("POST", "switches", switches);
  const ecr = ecrClient(product.url, EAST);
  await replicateAll(ecr, { switches, prefix: `prod/${name}/` });
  const access = { ecr, client: await RegistryClient.login(product.url, EAST) };
  const answers = await forAll((key, step) =>
    step.act(placeAt(access, repositoryOf(name, key, step)), prepared[key] ?? NOTHING),
  );
  ecr.destroy();
  await advance(product, RESTORE_SECONDS);
  await product.control("POST", "lifecycle");
  await settle(product);
  return answers;
}

/** By the last of as many rules as the registry takes. */
async function replicateAll(
  ecr: ECRClient,
  { switches, prefix }: { readonly switches: Switches; readonly prefix: string },
): Promise<void> {
  const { account: registryId, region } = EUROPE;
  const others = Array.from({ length: Number(switches.maxReplicationRules) - 1 }, (_, n) => `none-${n}/`);
  const rules = [...others, prefix].map((filter) => ({
    destinations: [{ region, registryId }],
    repositoryFilters: [{ filter, filterType: "PREFIX_MATCH" as const }],
  }));
  await ecr.send(new PutReplicationConfigurationCommand({ replicationConfiguration: { rules } }));
}

async function forAll<T>(
  work: (key: string, step: Step) => Promise<T>,
): Promise<Readonly<Record<string, T>>> {
  const done = Object.entries(STEPS).map(async ([key, step]) => {
    try {
      return [key, await work(key, step)] as const;
    } catch (cause) {
      throw new Error(`step ${key}: ${String(cause)}`, { cause });
    }
  });
  return Object.fromEntries(await Promise.all(done));
}
