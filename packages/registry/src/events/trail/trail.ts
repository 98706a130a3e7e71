import type { Registry } from "@tallyman/domain/registry/registry";
import type { EcrEvent } from "../../ecr-event.ts";
import { type ApiCall, apiCallEvent } from "./api-call.ts";
import { isReadOnly } from "./read-only.ts";

/**
 * Whether anybody hears of the API calls to a registry, so that none is written down for nobody: on AWS a rule hears of
 * calls that change something, and of those that only read if it says so by its state.
 */
export type HearsCalls = (registry: Registry, call: { readonly readOnly: boolean }) => boolean;

/** What CloudTrail would write down, handed on as EventBridge gets it. */
export type Trail = {
  readonly hears: HearsCalls;
  /** `describe` is asked only when somebody hears of it. */
  record(
    registry: Registry,
    operation: string,
    describe: () => Omit<ApiCall, "registry" | "operation" | "time">,
  ): void;
};

export function createTrail(options: {
  readonly hears: HearsCalls;
  readonly now: () => Date;
  readonly emit: (event: EcrEvent) => void;
}): Trail {
  return {
    hears: options.hears,
    record(registry, operation, describe) {
      if (!options.hears(registry, { readOnly: isReadOnly(operation) })) return;
      options.emit(apiCallEvent({ ...describe(), registry, operation, time: options.now() }));
    },
  };
}
