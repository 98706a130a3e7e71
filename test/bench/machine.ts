import { cpus, loadavg, release, totalmem } from "node:os";

/** Where and when something was measured. */
export type Machine = {
  readonly at: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  /** Load average of the last minute before and after. */
  readonly load: { readonly before: number; readonly after: number };
};

export function loadNow(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}

export function describeMachine(loadBefore: number): Machine {
  const all = cpus();
  return {
    at: new Date().toISOString(),
    cpu: all[0]?.model.trim() ?? "unknown",
    cores: all.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    node: process.version,
    load: { before: loadBefore, after: loadNow() },
  };
}

/** Why times are not to be trusted; undefined: nobody else seems to use the machine. */
export function busyWarning({ load, cores }: Machine): string | undefined {
  // What is measured keeps every core busy itself, so only the load before counts.
  if (load.before < cores / 4) return undefined;
  return `the machine was busy (load ${load.before} on ${cores} cores before the first measurement): times are too long`;
}
