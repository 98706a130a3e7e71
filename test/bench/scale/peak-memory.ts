import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** Most resident memory since it was last forgotten, in MB of 10^6 bytes (proc(5)); elsewhere than on Linux since the start. */
export function peakMemory(): number {
  const status = existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : "";
  const [, kibibytes] = /VmHWM:\s+(\d+) kB/.exec(status) ?? [];
  return Math.round((Number(kibibytes ?? process.resourceUsage().maxRSS) * 1024) / 1e6);
}

/** Where it cannot be forgotten (no Linux, a sandbox), the peak that is told later is too high rather than too low. */
export function forgetPeak(): void {
  try {
    writeFileSync("/proc/self/clear_refs", "5");
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
  }
}
