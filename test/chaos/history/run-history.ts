import { HEARD, STORM } from "./chance.ts";
import { differences, presentOfInventory, presentOfRegistry } from "./compare.ts";
import { inventoryDump } from "./inventory-dump.ts";
import { judgeHistory } from "./judge-history.ts";
import type { Plan } from "./plan.ts";
import { newPlayer, type Player } from "./play.ts";
import { dumpRepository } from "./registries.ts";
import type { Tables } from "./tables.ts";
import { REPOSITORIES, startWorld, type World } from "./world.ts";

export type History = {
  readonly happened: Player["happened"];
  readonly log: Player["log"];
  /** Empty: the inventory equals the registries, and its past is what was. */
  readonly problems: readonly string[];
};

/** A storm, then one reconcile during which work goes on; after it, what inventory and registries say. */
export async function runHistory(tables: Tables, plan: Plan): Promise<History> {
  const world = await startWorld(tables, {});
  try {
    const player = newPlayer(world, plan.chance);
    await player.play(plan.operations, STORM);
    const start = { ...plan.operations[0], kind: "reconcile", pause: 0, place: 0, tag: 0, image: 0 } as const;
    await player.play([start, ...plan.meanwhile], HEARD, { overtakePages: true });
    while (world.cloud.redrive() > 0) await player.play([], HEARD);
    return { happened: player.happened, log: player.log, problems: await judge(world) };
  } finally {
    await world.close();
  }
}

async function judge(world: World): Promise<readonly string[]> {
  const dump = inventoryDump(await world.table.dump());
  const { written } = world.table;
  const problems: string[] = [];
  for (const repository of REPOSITORIES) {
    const truth = presentOfRegistry((await dumpRepository(world.registries, repository)) ?? [], repository);
    problems.push(...differences(repository, truth, presentOfInventory(dump, repository)));
    problems.push(...judgeHistory(repository, { dump, written, truth: world.truth }));
  }
  return problems;
}
