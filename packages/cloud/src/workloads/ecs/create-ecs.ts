import { randomUUID } from "node:crypto";
import type { AwsService } from "../../http/aws-service.ts";
import { createClientTokens } from "./client-tokens.ts";
import { ecsApi } from "./ecs-api.ts";
import type { EcsCaller, EcsContext } from "./ecs-call.ts";
import type { EcsCore } from "./ecs-core.ts";
import { createEcsEvents } from "./ecs-events.ts";
import { type EcsFleet, ecsFleet } from "./ecs-fleet.ts";
import { createEcsSettings, type EcsSettings } from "./ecs-settings.ts";
import { openState } from "./ecs-state.ts";
import type { EcsStore } from "./ecs-store.ts";
import { exitTask } from "./exit-task.ts";
import { createLauncher } from "./launcher.ts";
import type { Task } from "./model.ts";
import { createPuller } from "./pull/pull-image.ts";
import { RunTask, runTask } from "./run-task.ts";
import { createServiceScheduler } from "./services/service-scheduler.ts";
import { forgetStopped } from "./stopped-tasks.ts";

export type EcsOptions = Pick<
  EcsCore,
  "clock" | "timers" | "faults" | "authorize" | "assumeServiceRole" | "tell" | "onError"
> & {
  readonly store: EcsStore;
  /** Where the cloud listens: images are pulled from there. */
  readonly endpoint: () => string;
  readonly publish: Parameters<typeof createEcsEvents>[0]["publish"];
};

/** The embedded Amazon ECS. */
export type Ecs = {
  readonly service: AwsService;
  readonly fleet: EcsFleet;
  readonly settings: EcsSettings;
  /** RunTask for a service that starts tasks on a schedule or by a rule, as the caller that it is. @throws AwsError, ZodError */
  runTask(caller: EcsCaller, input: unknown): object;
  /** See `exit-task.ts`. */
  exitTask(body: unknown): object;
  /** Tasks that are being started. */
  busy(): number;
  /** Goes on with what was being started when the cloud was stopped. */
  resume(): void;
  /** Forgets everything, as after the first start. */
  reset(): Promise<void>;
  /** Starts nothing more; what had begun goes on at the next start. */
  stop(): Promise<void>;
  /** Once nothing calls it any more. */
  close(): void;
};

export function createEcs(options: EcsOptions): Ecs {
  const core = coreOf(options);
  const tokens = createClientTokens(() => core.timers.elapsed());
  const launcher = createLauncher(core);
  const scheduler = createServiceScheduler(core, launcher);
  const context: EcsContext = { core, launcher, scheduler, tokens };
  const sweeping = sweepNowAndThen(core);
  return {
    service: ecsApi(context),
    fleet: ecsFleet(core),
    settings: core.settings,
    runTask: (caller, input) => runTask(context, caller, RunTask.parse(input)),
    exitTask: (body) => exitTask(context, body),
    busy: () => launcher.busy() + scheduler.busy(),
    resume() {
      for (const task of core.state.tasks.all())
        if (task.desiredStatus === "RUNNING" && task.lastStatus !== "RUNNING") relaunch(context, task);
      for (const { serviceArn } of core.state.services.all()) scheduler.wake(serviceArn);
    },
    async reset() {
      scheduler.stop();
      await launcher.cancelAll();
      scheduler.stop();
      core.state.clear();
      core.settings.restore();
      tokens.clear();
    },
    async stop() {
      sweeping.stop();
      scheduler.stop();
      await launcher.stop();
      scheduler.stop();
      core.puller.close();
    },
    close: () => core.state.close(),
  };
}

/** How often what nobody asks for is forgotten, in milliseconds of the cloud's clock. */
const SWEEP = 10 * 60 * 1000;

function sweepNowAndThen(core: EcsCore): { readonly stop: () => void } {
  let cancel: () => void = () => undefined;
  const sweep = () => {
    forgetStopped(core);
    cancel = core.timers.after(SWEEP, sweep);
  };
  sweep();
  return { stop: () => cancel() };
}

function relaunch({ launcher, scheduler }: EcsContext, task: Task): void {
  if (task.internal.service === undefined) void launcher.launch(task);
  else scheduler.launch(task);
}

function coreOf({ store, endpoint, publish, ...deps }: EcsOptions): EcsCore {
  const now = () => deps.clock.now();
  return {
    ...deps,
    state: openState(store),
    events: createEcsEvents({ publish, now }),
    puller: createPuller({ endpoint, now }),
    settings: createEcsSettings(),
    newId: randomUUID,
  };
}
