import type { EcrRegistry } from "@tallyman/registry/open-registry";
import type { Core } from "./core.ts";

/** Ends restores from the archive by the cloud's clock: also at once when it is set forward. */
export type RestoreTimer = {
  /** What the registry says of the next one. */
  arm(until: Date): void;
  /** From now on it is this registry that is told. */
  serve(registry: EcrRegistry): void;
  stop(): void;
};

export function createRestoreTimer({ timers, clock }: Core): RestoreTimer {
  let registry: EcrRegistry | undefined;
  let cancel: () => void = () => undefined;
  function arm(until: Date): void {
    cancel();
    cancel = timers.after(until.getTime() - clock.now().getTime(), fire);
  }
  /** Too early by the clock when that was set back meanwhile: then there is a next one. */
  function fire(): void {
    const next = registry?.completeRestores();
    if (next !== undefined) arm(next);
  }
  return {
    arm,
    serve(opened) {
      registry = opened;
    },
    stop: () => cancel(),
  };
}
