import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import * as z from "zod";

const Answer = z.object({
  id: z.number(),
  status: z.number(),
  body: z.string(),
  units: z.array(z.object({ table: z.string(), read: z.number(), write: z.number() })).default([]),
});
const Answers = z.array(Answer);
/** `body` is the JSON text to answer; `units` what the request consumed, by table. */
export type EngineAnswer = z.infer<typeof Answer>;

export type EngineRequest = {
  readonly account: string;
  readonly region: string;
  readonly operation: string;
  readonly body: string;
};

export type Engine = {
  perform(request: EngineRequest): Promise<EngineAnswer>;
  stop(): Promise<void>;
};

type Sent = { readonly type: "open" | "close" | "perform"; readonly [field: string]: unknown };

type Numbered = Sent & { readonly id: number };

const REQUEST_LIMIT_MILLISECONDS = 30_000;

/** Starts the thread in which dynalite runs. `directory` keeps the tables; without one they live in memory. */
export function startEngine(directory: string | undefined): Engine {
  const worker = new Worker(new URL("./engine.mjs", import.meta.url), { execArgv: [], argv: [], env: {} });
  const waiting = new Map<number, (answer: EngineAnswer) => void>();
  const stores = new Map<string, Promise<unknown>>();
  const outbox: Numbered[] = [];
  let sequence = 0;
  let dead: string | undefined;

  worker.on("message", (raw) => {
    for (const answer of Answers.parse(raw)) waiting.get(answer.id)?.(answer);
  });
  worker.on("error", (error) => {
    dead = String(error);
  });
  worker.on("exit", () => {
    dead ??= "it has stopped";
    for (const [id, settle] of waiting) settle(unavailable(id, dead));
  });

  /** Waking the other thread costs more than most of its answers: what one turn of the event loop asks goes at once. */
  function post(message: Numbered): void {
    if (outbox.length === 0) setImmediate(() => worker.postMessage(outbox.splice(0)));
    outbox.push(message);
  }

  async function send(message: Sent): Promise<EngineAnswer> {
    sequence += 1;
    const id = sequence;
    if (dead) return unavailable(id, dead);
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<EngineAnswer>((settle) => {
      waiting.set(id, settle);
      timer = setTimeout(() => settle(unavailable(id, "no answer in time")), REQUEST_LIMIT_MILLISECONDS);
    });
    post({ ...message, id });
    return await answer.finally(() => {
      clearTimeout(timer);
      waiting.delete(id);
    });
  }

  async function open(store: string, account: string, region: string): Promise<void> {
    const path = directory === undefined ? undefined : join(directory, account, region);
    if (path) await mkdir(path, { recursive: true });
    await send({ type: "open", store, path, account, region });
  }

  async function perform({ account, region, operation, body }: EngineRequest): Promise<EngineAnswer> {
    const store = `${account}/${region}`;
    const opened = stores.get(store) ?? open(store, account, region);
    stores.set(store, opened);
    await opened;
    return await send({ type: "perform", store, operation, body });
  }

  async function stop(): Promise<void> {
    if (!dead) await send({ type: "close" });
    await worker.terminate();
  }

  return { perform, stop };
}

function unavailable(id: number, why: string): EngineAnswer {
  const message = `The embedded table engine is not available: ${why}`;
  const body = JSON.stringify({ __type: "com.amazonaws.dynamodb.v20120810#InternalServerError", message });
  return { id, status: 500, body, units: [] };
}
