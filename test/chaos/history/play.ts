import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type { EcrEvent } from "@tallyman/registry/ecr-event";
import { type Random, randomOf } from "../support/random.ts";
import type { Fault, Rates } from "./chance.ts";
import type { Call, Process } from "./gate.ts";
import { placeName } from "./inventory-dump.ts";
import type { Operation, OperationKind } from "./plan.ts";
import { type Overtake, REPOSITORIES, type World } from "./world.ts";

/** Plays operations in a world while its workers work; `chance` decides who goes first, and what goes wrong. */
export type Player = {
  /** Returns when nothing is left to do, now or later. */
  play(operations: readonly Operation[], rates: Rates, options?: PlayOptions): Promise<void>;
  /** How often each operation and each fault happened. */
  readonly happened: ReadonlyMap<OperationKind | Fault, number>;
  /** Everything that happened, in order: the same for the same plan. */
  readonly log: readonly string[];
};

export type PlayOptions = {
  /** What happens while a reconcile reads a page; what it moves is not on the page. */
  readonly onPages?: readonly Operation[];
};

/** Within this the events are delayed. */
const LATEST = 600_000;
/** Of all steps, how many are operations while workers have something to do: fewer where they are to meet a reconcile. */
const BUSY = { storm: 0.07, reconcile: 0.015 };
/** How often a worker becomes slow, and for how many calls of the others. */
const SLOW = { rate: 0.03, most: 120 };
/** While a worker works, no longer pause than this: its function would have timed out. */
const SHORT_PAUSE = 1000;
/** More than any history needs: whoever goes on for ever is found out. */
const MOST_STEPS = 200_000;

export function newPlayer(world: World, chance: number): Player {
  const random = randomOf(chance);
  const happened = new Map<OperationKind | Fault, number>();
  const log: string[] = [];
  const tell = (line: string) => void log.push(`${world.time.now().toISOString().slice(11)} ${plain(line)}`);
  const note = (what: OperationKind | Fault) => {
    happened.set(what, (happened.get(what) ?? 0) + 1);
    tell(what);
  };
  const stage = { world, random, note, log: tell, events: 0, latest: 0, runs: 0, steps: 0 };
  return {
    happened,
    log,
    async play(operations, rates, options = {}) {
      const act: Act = {
        ...stage,
        rates,
        options,
        rest: [...operations],
        onPages: [...(options.onPages ?? [])],
        slow: new Map(),
      };
      for (let steps = 0; await step(act); steps++)
        if (steps > MOST_STEPS) throw new Error("it goes on for ever");
      stage.events = act.events;
      stage.runs = act.runs;
    },
  };
}

type Act = {
  readonly world: World;
  readonly random: Random;
  readonly note: (what: OperationKind | Fault) => void;
  readonly log: (line: string) => void;
  readonly rates: Rates;
  readonly options: PlayOptions;
  readonly rest: Operation[];
  readonly onPages: Operation[];
  /** Until which step a process is slow. */
  readonly slow: Map<Process, number>;
  steps: number;
  events: number;
  latest: number;
  runs: number;
};

/** One thing happens. False: there is nothing that could. */
async function step(act: Act): Promise<boolean> {
  const { world, random } = act;
  const { waiting } = world.gate;
  const ready = world.workers.ready();
  const dice = random.next();
  if (waiting.length > 0 && (dice < 0.8 || (ready.length === 0 && act.rest.length === 0))) {
    await letThrough(act, choose(act, inOrder(waiting)));
  } else if (
    ready.length > 0 &&
    (dice < 1 - (act.options.onPages ? BUSY.reconcile : BUSY.storm) || act.rest.length === 0)
  ) {
    const before = world.workers.counts.failures;
    await world.workers.start(random.pick(ready), 1 + random.below(10));
    await world.gate.quiet();
    for (let failed = before; failed < world.workers.counts.failures; failed++) act.note("message failed");
  } else if (act.rest.length > 0) {
    await operate(act, act.rest.shift());
  } else {
    return passTime(act);
  }
  await pass(act, random.below(30));
  return true;
}

/**
 * By what they ask for: what one worker asks for at the same time arrives as its threads of work get there, which depends on
 * the machine.
 */
function inOrder(waiting: readonly Call[]): readonly Call[] {
  const named = waiting.map((call) => ({
    call,
    name: plain(`${call.process.name} ${call.operation} ${about(call)}`),
  }));
  return named.toSorted((a, b) => (a.name < b.name ? -1 : Number(a.name > b.name))).map(({ call }) => call);
}

/** Now and then a worker is slow: the others do a lot before it goes on. */
function choose(act: Act, waiting: readonly Call[]): Call {
  const { random, slow } = act;
  act.steps += 1;
  const chosen = random.pick(waiting);
  if (random.next() < SLOW.rate) slow.set(chosen.process, act.steps + random.below(SLOW.most));
  const quick = waiting.filter(({ process }) => (slow.get(process) ?? 0) < act.steps);
  return quick.length === 0 || quick.includes(chosen) ? chosen : random.pick(quick);
}

/** Decides what becomes of a call. */
async function letThrough(act: Act, call: Call): Promise<void> {
  const { world, random, rates, note } = act;
  const before = world.workers.counts.failures;
  world.gate.take(call);
  act.log(`${call.process.name} ${call.operation} ${about(call)}`);
  const dice = random.next();
  if (dice < rates.kill) {
    const after = random.next() < 0.5;
    note(after ? "worker killed after a call" : "worker killed before a call");
    world.workers.kill(call.process);
    if (after) await call.perform();
  } else if (dice < rates.kill + rates.throttle && isThrottled(call)) {
    note(`${call.service} throttled` as Fault);
    call.throttle();
  } else {
    world.listing.overtake = overtakeOf(act, call);
    await call.perform();
    world.listing.overtake = undefined;
  }
  await world.gate.quiet();
  for (let failed = before; failed < world.workers.counts.failures; failed++) note("message failed");
}

/** What a call is about, in a line. */
function about({ input }: Call): string {
  const { pk, sk } = (input["Key"] ?? input["Item"] ?? {}) as Partial<Record<string, { readonly S: string }>>;
  return pk && sk ? `${pk.S} ${sk.S}` : JSON.stringify(input);
}

/** Without ids that are another each time, and digests cut short. */
function plain(line: string): string {
  return line
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, "ID")
    .replaceAll(/\b(A#[\d-]{10}#)[0-9a-f]\b/g, "$1SHARD")
    .replaceAll(/sha256:([0-9a-f]{8})[0-9a-f]{56}/g, "$1")
    .replaceAll(/[0-9a-f]{64}/g, "HASH")
    .replaceAll(/"ReceiptHandle":"[^"]*"/g, "")
    .replaceAll(/Inventory-\d+/g, "Inventory")
    .slice(0, 400);
}

function isThrottled({ service }: Call): boolean {
  return service === "dynamodb" || service === "ecr" || service === "sqs";
}

function overtakeOf(act: Act, { operation, input }: Call): Overtake | undefined {
  const lists = operation === "DescribeImages" && input["imageIds"] === undefined;
  if (!lists || act.onPages.length === 0 || act.random.next() < 0.3) return undefined;
  return async (repository) => {
    const tagsBefore = new Map(
      act.world.truth.now(repository).map((it) => [it.imageDigest, it.imageTags ?? []]),
    );
    await operate(act, act.onPages.shift(), repository);
    // An image that was put under another tag: its event names it.
    const moved = act.world.truth.now(repository).filter(({ imageDigest, imageTags = [] }) => {
      const tags = tagsBefore.get(imageDigest);
      return tags !== undefined && imageTags.some((tag) => !tags.includes(tag));
    });
    if (moved.length > 0) act.note("page incomplete");
    return moved.map((it) => it.imageDigest);
  };
}

/** `at`: where, if not where it was planned. */
async function operate(act: Act, planned: Operation | undefined, at?: RepositoryRef): Promise<void> {
  const { world, note } = act;
  if (!planned) return;
  const operation = { ...planned, ...(at && { place: placeOf(at) }) };
  const pause = world.workers.busy().length > 0 ? SHORT_PAUSE : operation.pause;
  await pass(act, Math.min(operation.pause, pause));
  act.log(`operation ${JSON.stringify(operation)}`);
  if (operation.kind === "reconcile") {
    reconcile(act);
    note("reconcile");
  } else if (await world.team.act(operation)) {
    note(operation.kind);
  }
  tell(act);
}

function placeOf(at: RepositoryRef): number {
  return REPOSITORIES.findIndex((it) => placeName(it) === placeName(at));
}

/** As the schedule does. */
export function reconcile(act: Pick<Act, "world" | "runs">): void {
  act.runs += 1;
  const run = { schedule: "reconcile", execution: `run-${act.runs}-${act.world.time.elapsed()}` };
  act.world.cloud.send("ReconcileQueue.fifo", run, "schedule");
}

/** What the registries have told goes on its way, or is lost. */
function tell(act: Act): void {
  for (const event of act.world.registries.told()) {
    if (event.detailType === "ECR Replication Action") act.note("replicate");
    for (const delay of deliveries(act)) deliver(act, event, delay);
  }
}

function deliveries({ random, rates, note }: Act): readonly number[] {
  if (random.next() < rates.drop) {
    note("event dropped");
    return [];
  }
  const twice = random.next() < rates.duplicate;
  if (twice) note("event duplicated");
  return (twice ? [1, 2] : [1]).map(() => {
    const late = random.next() < rates.delay;
    if (late) note("event delayed");
    return late ? random.below(LATEST) : 0;
  });
}

function deliver(act: Act, event: EcrEvent, delay: number): void {
  act.events += 1;
  const number = act.events;
  const put = () => {
    if (number < act.latest) act.note("events reordered");
    act.latest = Math.max(act.latest, number);
    act.log(`event-${number} ${event.detailType} ${JSON.stringify(event.detail)}`);
    act.world.cloud.publish(event, `event-${number}`);
  };
  if (delay === 0) put();
  else act.world.time.after(delay, put);
}

/** The clock goes on; restores end, and late events come. */
async function pass(act: Act, milliseconds: number): Promise<void> {
  const { time, registries, truth } = act.world;
  time.advance(milliseconds);
  registries.timePassed();
  await truth.lookAtRestores();
  tell(act);
}

/** Nothing is under way: the clock is set to when something is. */
async function passTime(act: Act): Promise<boolean> {
  const next = nextMoment(act.world);
  if (next === undefined) return false;
  await pass(act, next - act.world.time.elapsed());
  act.world.workers.lookAgain();
  return true;
}

function nextMoment({ time, cloud, workers, registries }: World): number | undefined {
  const restored = registries.completeRestores()?.getTime();
  const messages = cloud.mappings
    .filter((mapping) => workers.runs(mapping))
    .flatMap(({ queueArn }) => cloud.queues.find(queueArn)?.messages() ?? [])
    .map(({ visibleAt }) => visibleAt);
  const moments = [time.next(), restored, ...messages].filter(
    (at) => at !== undefined && at > time.elapsed(),
  );
  return moments.length === 0 ? undefined : Math.min(...moments.flatMap((at) => at ?? []));
}
