import { type RoleCredentials, workerEnvironment } from "./environment.ts";
import { type ExecutionEnvironment, startEnvironment } from "./execution-environment.ts";
import type { FunctionDefinition } from "./function-definition.ts";
import type { InvocationResult } from "./function-runtime.ts";
import { KILLED, KILLED_AFTER_MILLISECONDS, type PoolSettings, STOPPED } from "./pool-settings.ts";

type Member = {
  readonly environment: ExecutionEnvironment;
  readonly expiration: Date;
  busy: boolean;
  /** Takes no more invocations. */
  outdated: boolean;
  gone: boolean;
  idleTimer: NodeJS.Timeout | undefined;
};

export type FunctionPool = {
  invoke(payload: string): Promise<InvocationResult>;
  /** Ends a worker, a busy one first; false when there is none. */
  kill(): Promise<boolean>;
  /** Ends every worker, those that are busy after their invocation: the next one begins in a new environment. */
  recycle(): Promise<void>;
  /** Ends all workers; what runs fails, what waits too. */
  stop(): Promise<void>;
  busy(): number;
};

/** The execution environments of one function: warm ones are reused, at most `maxWorkers` exist. */
export function functionPool(definition: FunctionDefinition, settings: PoolSettings): FunctionPool {
  const members = new Set<Member>();
  const waiting: Array<() => void> = [];
  const limit = Math.min(settings.maxWorkers, definition.reservedConcurrency ?? settings.maxWorkers);
  let starting = 0;
  let stopped = false;

  async function invoke(payload: string): Promise<InvocationResult> {
    if (limit === 0) return { ok: false, errorType: "TooManyRequestsException", message: "Rate Exceeded." };
    const member = await take();
    if (!member) return STOPPED;
    const fault = settings.killsWorker(definition.name) ? killSoon(member) : undefined;
    try {
      return await member.environment.invoke(payload);
    } finally {
      clearTimeout(fault);
      release(member);
    }
  }

  async function take(): Promise<Member | undefined> {
    for (;;) {
      if (stopped) return undefined;
      const idle = [...members].find((member) => !member.busy && !member.gone && !member.outdated);
      if (idle && usable(idle)) return occupy(idle);
      if (idle) await retire(idle);
      else if (members.size + starting < limit) return await add();
      else await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }

  /** Credentials must outlive the longest invocation; an environment whose will not is replaced, as AWS recycles them. */
  function usable(member: Member): boolean {
    const margin = (definition.timeoutSeconds + 60) * 1000;
    return member.expiration.getTime() - margin > settings.now().getTime();
  }

  function occupy(member: Member): Member {
    clearTimeout(member.idleTimer);
    member.busy = true;
    return member;
  }

  async function add(): Promise<Member | undefined> {
    starting += 1;
    try {
      const credentials = await settings.credentialsFor(definition.roleArn);
      return stopped ? undefined : start(credentials);
    } catch (error) {
      // Whoever waits for one of the workers that start now must try for itself.
      waiting.shift()?.();
      throw error;
    } finally {
      starting -= 1;
    }
  }

  function start(credentials: RoleCredentials): Member {
    const environment = startEnvironment({
      definition,
      variables: workerEnvironment(definition, settings.endpoint(), credentials),
      clockOffset: settings.clockOffset,
      compileCache: settings.compileCache,
      onLog: settings.onLog,
      onReady: (milliseconds) => settings.onInit({ functionName: definition.name, milliseconds }),
      onGone: () => remove(member),
    });
    const { expiration } = credentials;
    const state = { busy: true, outdated: false, gone: false, idleTimer: undefined };
    const member: Member = { environment, expiration, ...state };
    members.add(member);
    return member;
  }

  function remove(member: Member): void {
    clearTimeout(member.idleTimer);
    member.gone = true;
    members.delete(member);
    waiting.shift()?.();
  }

  function release(member: Member): void {
    member.busy = false;
    if (member.gone) return;
    if (member.outdated) {
      void retire(member);
      return;
    }
    member.idleTimer = setTimeout(() => void retire(member), settings.idleMilliseconds);
    member.idleTimer.unref();
    waiting.shift()?.();
  }

  async function retire(member: Member, result?: InvocationResult): Promise<void> {
    clearTimeout(member.idleTimer);
    member.gone = true;
    await member.environment.end(result);
  }

  function killSoon(member: Member): NodeJS.Timeout {
    return setTimeout(() => void retire(member, KILLED), KILLED_AFTER_MILLISECONDS);
  }

  async function kill(): Promise<boolean> {
    const victim = [...members].find((member) => member.busy) ?? [...members][0];
    if (!victim) return false;
    await retire(victim, KILLED);
    return true;
  }

  async function recycle(): Promise<void> {
    for (const member of members) member.outdated = true;
    await Promise.all([...members].filter((member) => !member.busy).map((member) => retire(member)));
  }

  async function stop(): Promise<void> {
    stopped = true;
    for (const wake of waiting.splice(0)) wake();
    await Promise.all([...members].map((member) => retire(member, STOPPED)));
  }

  return { invoke, kill, recycle, stop, busy: () => [...members].filter((member) => member.busy).length };
}
