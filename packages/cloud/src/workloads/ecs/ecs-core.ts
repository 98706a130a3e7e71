import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import type { CloudClock } from "../../clock/cloud-clock.ts";
import type { Timers } from "../../clock/timers.ts";
import type { Faults } from "../../faults/faults.ts";
import type { AssumeServiceRole } from "../../identity/service-roles.ts";
import type { LiveLine } from "../../live/live-line.ts";
import type { EcsEvents } from "./ecs-events.ts";
import type { EcsSettings } from "./ecs-settings.ts";
import type { EcsState } from "./ecs-state.ts";
import type { Puller } from "./pull/pull-image.ts";

/** What every operation of the embedded ECS works with. */
export type EcsCore = {
  readonly state: EcsState;
  readonly clock: CloudClock;
  readonly timers: Timers;
  readonly faults: Faults;
  readonly authorize: Authorize;
  readonly assumeServiceRole: AssumeServiceRole;
  readonly events: EcsEvents;
  readonly puller: Puller;
  readonly settings: EcsSettings;
  readonly newId: () => string;
  readonly tell: (line: Omit<LiveLine, "at">) => void;
  readonly onError: (error: unknown) => void;
};

export function nowOf({ clock }: Pick<EcsCore, "clock">): number {
  return clock.now().getTime();
}
