import * as z from "zod";
import type { Faults } from "./faults.ts";

const Rate = z.number().min(0).max(1);

/** `POST /_embedded/faults`: replaces what was switched on before. `{}` switches everything off. */
export const FaultSettings = z.strictObject({
  /** By `<service>:<Operation>`; `<service>:*` for all of a service. `times` ends the fault after that many failures, `after` lets so many calls pass first. */
  operations: z
    .record(
      z.string().regex(/^[a-z0-9-]+:[\w.*]+$/i, "an operation is <service>:<Operation>"),
      z.strictObject({
        rate: Rate.default(1),
        status: z.number().int().min(400).max(599).default(400),
        code: z.string().default("ThrottlingException"),
        retryAfter: z.number().min(0).optional(),
        times: z.number().int().positive().optional(),
        after: z.number().int().nonnegative().optional(),
        /** Only calls to this registry, `account/region`. */
        registry: z
          .string()
          .regex(/^\d{12}\/[a-z0-9-]+$/, "a registry is <account>/<region>")
          .optional(),
      }),
    )
    .default({}),
  /** How many milliseconds of the wall clock a call waits before it is answered, by `<service>:<Operation>` or `<service>:*`. So far: ecr. */
  latency: z
    .record(
      z.string().regex(/^ecr:[\w.*]+$/i, "an operation is ecr:<Operation>"),
      z.number().int().min(0).max(60_000),
    )
    .default({}),
  /** What happens to events that registries emit: probabilities; `delayMs` is the longest delay. */
  events: z
    .strictObject({
      drop: Rate.default(0),
      duplicate: Rate.default(0),
      delay: Rate.default(0),
      delayMs: z.number().int().positive().max(900_000).default(5000),
    })
    .default({ drop: 0, duplicate: 0, delay: 0, delayMs: 5000 }),
  /** Probability that the worker of an invocation dies in it, by function name (`*`: any). */
  killWorker: z.record(z.string(), Rate).default({}),
  seed: z.number().int().default(1),
});
export type FaultSettings = z.infer<typeof FaultSettings>;

export type SwitchableFaults = Faults & {
  /** How long a call waits before it is answered, in milliseconds of the wall clock. */
  latency(operation: string): number;
  set(settings: FaultSettings): void;
  show(): FaultSettings;
  /** How often each thing went wrong since `set`: `dynamodb:PutItem`, `events:drop`, `killWorker:<name>`, ... */
  injected(): Readonly<Record<string, number>>;
  /** Whether the worker that runs `functionName` now should die in this invocation. */
  killsWorker(functionName: string): boolean;
};

export function createFaults(): SwitchableFaults {
  let settings = FaultSettings.parse({});
  let streams = new Map<string, () => number>();
  let injected = new Map<string, number>();
  let passed = new Map<string, number>();

  /** A stream for each kind: how often workers ran or tables were asked must not decide which event is lost. */
  function random(stream: string): number {
    const next = streams.get(stream) ?? seededRandom(settings.seed ^ hash(stream));
    streams.set(stream, next);
    return next();
  }

  function count(what: string): void {
    injected.set(what, (injected.get(what) ?? 0) + 1);
  }

  /** Whether it happens now; counted if so. */
  function happens(what: string, rate: number, stream = what): boolean {
    const hit = random(stream) < rate;
    if (hit) count(what);
    return hit;
  }

  function isEarly(name: string, after: number): boolean {
    const calls = passed.get(name) ?? 0;
    if (calls < after) passed.set(name, calls + 1);
    return calls < after;
  }

  function failure(operation: string, registry?: string): ReturnType<Faults["failure"]> {
    const name = operation in settings.operations ? operation : `${operation.split(":")[0]}:*`;
    const fault = settings.operations[name];
    if (!fault || (fault.registry !== undefined && fault.registry !== registry)) return undefined;
    if (isEarly(name, fault.after ?? 0) || random(name) >= fault.rate) return undefined;
    if (fault.times !== undefined && (injected.get(name) ?? 0) >= fault.times) return undefined;
    count(name);
    const { status, code, retryAfter } = fault;
    return retryAfter === undefined ? { status, code } : { status, code, retryAfter };
  }

  function delivery(detailType: string): readonly number[] {
    const { drop, duplicate, delay, delayMs } = settings.events;
    const stream = `events ${detailType}`;
    if (happens("events:drop", drop, stream)) return [];
    const copies = happens("events:duplicate", duplicate, stream) ? 2 : 1;
    return Array.from({ length: copies }, () =>
      happens("events:delay", delay, stream) ? Math.ceil(random(stream) * delayMs) : 0,
    );
  }

  return {
    failure,
    latency: (operation) =>
      settings.latency[operation] ?? settings.latency[`${operation.split(":")[0]}:*`] ?? 0,
    delivery,
    killsWorker: (name) =>
      happens(`killWorker:${name}`, settings.killWorker[name] ?? settings.killWorker["*"] ?? 0),
    show: () => settings,
    injected: () => Object.fromEntries(injected),
    set(next) {
      settings = next;
      streams = new Map();
      injected = new Map();
      passed = new Map();
    },
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value;
}

/** mulberry32: the same seed gives the same faults. */
function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
