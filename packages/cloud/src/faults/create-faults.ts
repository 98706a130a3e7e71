import * as z from "zod";
import type { Faults } from "./faults.ts";

const Rate = z.number().min(0).max(1);

/** `POST /_embedded/faults`: replaces what was switched on before. `{}` switches everything off. */
export const FaultSettings = z.strictObject({
  /** By `<service>:<Operation>`; `<service>:*` for all of a service. `times` ends the fault after that many failures. */
  operations: z
    .record(
      z.string().regex(/^[a-z0-9-]+:[\w.*]+$/i, "an operation is <service>:<Operation>"),
      z.strictObject({
        rate: Rate.default(1),
        status: z.number().int().min(400).max(599).default(400),
        code: z.string().default("ThrottlingException"),
        retryAfter: z.number().min(0).optional(),
        times: z.number().int().positive().optional(),
      }),
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
  set(settings: FaultSettings): void;
  show(): FaultSettings;
  /** Whether the worker that runs `functionName` now should die in this invocation. */
  killsWorker(functionName: string): boolean;
};

export function createFaults(): SwitchableFaults {
  let settings = FaultSettings.parse({});
  let random = seededRandom(settings.seed);
  let failures = new Map<string, number>();

  function failure(operation: string): ReturnType<Faults["failure"]> {
    const name = operation in settings.operations ? operation : `${operation.split(":")[0]}:*`;
    const fault = settings.operations[name];
    if (!fault || random() >= fault.rate) return undefined;
    const count = (failures.get(name) ?? 0) + 1;
    if (fault.times !== undefined && count > fault.times) return undefined;
    failures.set(name, count);
    const { status, code, retryAfter } = fault;
    return retryAfter === undefined ? { status, code } : { status, code, retryAfter };
  }

  function delivery(): readonly number[] {
    const { drop, duplicate, delay, delayMs } = settings.events;
    if (random() < drop) return [];
    const copies = random() < duplicate ? 2 : 1;
    return Array.from({ length: copies }, () => (random() < delay ? Math.ceil(random() * delayMs) : 0));
  }

  return {
    failure,
    delivery,
    killsWorker: (name) => random() < (settings.killWorker[name] ?? settings.killWorker["*"] ?? 0),
    show: () => settings,
    set(next) {
      settings = next;
      random = seededRandom(next.seed);
      failures = new Map();
    },
  };
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
