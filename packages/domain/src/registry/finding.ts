import type { RegistryFinding } from "./registry-records.ts";

export type Finding = Omit<RegistryFinding, "check">;

export function ok(reason: string): Finding {
  return { ok: true, reason };
}

export function notOk(reason: string, remedy: string): Finding {
  return { ok: false, reason, remedy };
}
