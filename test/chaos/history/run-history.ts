import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { newBelief } from "./belief.ts";
import { CALM, HEARD, STORM } from "./chance.ts";
import { differences, type Present, presentOfInventory, presentOfRegistry } from "./compare.ts";
import { inventoryDump } from "./inventory-dump.ts";
import { judgeHistory } from "./judge-history.ts";
import { judgeSummary, presentOfListing } from "./listing-dump.ts";
import type { Operation, Plan } from "./plan.ts";
import { newPlayer, type Player } from "./play.ts";
import { type DumpedImage, dumpRepository } from "./registries.ts";
import type { Tables } from "./tables.ts";
import { NEVER_TOLD, type Unheard } from "./unheard.ts";
import { REPOSITORIES, startWorld, type World, type WorldOptions } from "./world.ts";

export type History = {
  readonly happened: Player["happened"];
  readonly log: Player["log"];
  /** Empty: the inventory equals the registries, and its past is what was. */
  readonly problems: readonly string[];
};

/** A storm, then one reconcile during which work goes on; after it, what inventory and registries say. */
export async function runHistory(tables: Tables, plan: Plan): Promise<History> {
  const world = await startWorld(tables);
  try {
    const player = newPlayer(world, plan.chance);
    await player.play(plan.operations, STORM);
    await player.play([RECONCILE, ...plan.meanwhile], HEARD, { onPages: plan.onPages });
    while (world.cloud.redrive() > 0) await player.play([], HEARD);
    return { happened: player.happened, log: player.log, problems: await judge(world) };
  } finally {
    await world.close();
  }
}

/** Nothing goes wrong, and nobody reconciles until the end: what `world` says when all that was told is heard. */
export async function runCalmHistory(
  tables: Tables,
  plan: Plan,
  options: WorldOptions,
): Promise<CalmHistory> {
  const world = await startWorld(tables, options);
  try {
    const player = newPlayer(world, plan.chance);
    const belief = newBelief();
    for (const operation of plan.operations.filter(({ kind }) => kind !== "reconcile")) {
      const before = await dumpAll(world);
      await player.play([operation], CALM);
      const after = await dumpAll(world);
      for (const [i, repository] of REPOSITORIES.entries())
        belief.follow(operation, repository, {
          before: before[i] ?? [],
          after: after[i] ?? [],
          copied: operation.place % REPOSITORIES.length !== i,
        });
    }
    const untold = await differencesTo(world, (repository, images) =>
      presentOfRegistry(images, repository, NEVER_TOLD),
    );
    const unexpected = await differencesTo(world, (repository) => belief.present(repository));
    await player.play([RECONCILE], CALM);
    return { untold, unexpected, reasons: belief.reasons, problems: await judge(world) };
  } finally {
    await world.close();
  }
}

export type CalmHistory = {
  /** How the inventory differs from the registries but for what is never told. */
  readonly untold: readonly string[];
  /** How it differs from what whoever heard the events must believe. */
  readonly unexpected: readonly string[];
  readonly reasons: ReadonlySet<Unheard>;
  /** What is wrong after one reconcile. */
  readonly problems: readonly string[];
};

const RECONCILE: Operation = { kind: "reconcile", pause: 0, place: 0, tag: 0, image: 0 };

function dumpAll(world: World) {
  return Promise.all(REPOSITORIES.map(async (it) => (await dumpRepository(world.registries, it)) ?? []));
}

async function differencesTo(
  world: World,
  truth: (repository: RepositoryRef, images: readonly DumpedImage[]) => Present,
): Promise<readonly string[]> {
  const dump = inventoryDump(await world.table.dump());
  const all = await dumpAll(world);
  return REPOSITORIES.flatMap((repository, i) =>
    differences(
      repository,
      truth(repository, all[i] ?? []),
      presentOfInventory(dump, repository, NEVER_TOLD),
    ),
  );
}

async function judge(world: World): Promise<readonly string[]> {
  const dump = inventoryDump(await world.table.dump());
  const { written } = world.table;
  const problems: string[] = [];
  for (const repository of REPOSITORIES) {
    const truth = presentOfRegistry((await dumpRepository(world.registries, repository)) ?? [], repository);
    problems.push(...differences(repository, truth, presentOfInventory(dump, repository)));
    const listed = await presentOfListing(world.bucket, repository);
    problems.push(...differences(repository, { ...truth, violations: [] }, listed, "listing"));
    problems.push(...judgeSummary(repository, dump, truth));
    problems.push(...judgeHistory(repository, { dump, written, truth: world.truth }));
  }
  return problems;
}
