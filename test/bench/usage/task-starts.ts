import { Embedded } from "../../support/embedded.ts";
import { Evidence } from "../../support/evidence.ts";
import { Fleet, uri } from "../../support/fleet.ts";
import { itemWrites, writtenSince } from "../../support/item-writes.ts";
import { createRepository, EAST } from "../../support/registries.ts";
import { RegistryClient } from "../../support/registry-client.ts";
import type { Figure, Progress } from "../figure.ts";

const FUNCTION = "tallyman-usage-action";
/** RunTask starts no more. */
const MOST_AT_ONCE = 10;
/** Families that tasks belong to, each of which starts tasks of both images. */
const FAMILIES = 5;
const IMAGES = ["a", "b"];
/** The hour is played in so many steps. */
const STEPS = 10;
const PAIRS = FAMILIES * IMAGES.length;
const GOAL = 2;

/** Real tasks, which pull what they run, spread over an hour of the product's clock: what their events write. */
export async function taskStarts(tasks: number, progress: Progress): Promise<readonly Figure[]> {
  const product = await Embedded.start();
  const evidence = new Evidence(product);
  const fleet = await Fleet.open(product, EAST);
  try {
    const images = await pushAll(product);
    const definitions = await defineAll(fleet);
    await product.atRest();
    const before = await itemWrites(product);
    const began = performance.now();
    // Every step starts tasks of every pair.
    const atOnce = Math.max(1, Math.min(MOST_AT_ONCE, Math.floor(tasks / STEPS / PAIRS)));
    for (let started = 0, step = 1; step <= STEPS; step++) {
      for (; started < (step * tasks) / STEPS; started += atOnce)
        await fleet.run(definitions[(started / atOnce) % definitions.length] ?? "", atOnce);
      // A request that is under way would be signed too long ago when the clock is set.
      await product.atRest();
      await evidence.pass("PT6M");
      progress(`${started} tasks started, ${step * 6} minutes`);
    }
    const seconds = (performance.now() - began) / 1000;
    const items = writtenSince(before, await itemWrites(product))[FUNCTION] ?? 0;
    const records = (await Promise.all(images.map((digest) => evidence.records(digest)))).flat();
    const versions = records.filter(({ source }) => source === "ecs-events").map(({ version }) => version);
    return figures({ tasks, running: await fleet.running(), items, versions, seconds });
  } finally {
    fleet.close();
    evidence.close();
    await product.dispose();
  }
}

async function pushAll(product: Embedded): Promise<readonly string[]> {
  await createRepository(product.url, EAST, "shop/web");
  const client = await RegistryClient.login(product.url, EAST);
  const digests: string[] = [];
  for (const image of IMAGES)
    digests.push((await client.pushImage("shop/web", image, `task starts ${image}`)).digest);
  return digests;
}

async function defineAll(fleet: Fleet): Promise<readonly string[]> {
  const definitions: string[] = [];
  for (const image of IMAGES)
    for (let family = 0; family < FAMILIES; family++)
      definitions.push(await fleet.define(`family-${family}`, uri(EAST, `shop/web:${image}`)));
  return definitions;
}

type Played = {
  readonly tasks: number;
  readonly running: number;
  /** Items that the function wrote. */
  readonly items: number;
  /** How often each pair of a digest and a family was written. */
  readonly versions: readonly number[];
  readonly seconds: number;
};

function figures({ tasks, running, items, versions, seconds }: Played): readonly Figure[] {
  const at = `${tasks.toLocaleString("en-US")} tasks in an hour`;
  const note = `${Math.round(seconds)} s elapsed`;
  return [
    { what: `${at}: tasks that run`, value: running, unit: "", exactly: tasks },
    { what: `${at}: pairs of digest and family`, value: versions.length, unit: "", exactly: PAIRS },
    { what: `${at}: writes of one pair, at most`, value: Math.max(...versions), unit: "", goal: GOAL, note },
    {
      what: `${at}: items written`,
      value: items,
      unit: "",
      exactly: versions.reduce((sum, version) => sum + version, 0),
      note: "as often as the pairs' records say",
    },
  ];
}
