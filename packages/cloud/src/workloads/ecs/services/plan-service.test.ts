import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Deployment, Service, Task } from "../model.ts";
import { planService } from "./plan-service.ts";

type Wanted = Pick<Service, "deployments" | "deploymentConfiguration">;

function aService(least: number, most: number, rolloutState = "IN_PROGRESS"): Wanted {
  const deployments = [{ id: "new", status: "PRIMARY", rolloutState } as Deployment];
  const deploymentCircuitBreaker = { enable: false, rollback: false };
  return {
    deployments,
    deploymentConfiguration: { deploymentCircuitBreaker, maximumPercent: most, minimumHealthyPercent: least },
  };
}

/** `n` running, `N` pending of the new deployment; `o` and `O` of an old one; `d` a new one on a draining instance. */
function tasksOf(text: string): readonly Task[] {
  return [...text].map((letter, index) => {
    const deployment = letter.toLowerCase() === "o" ? "old" : "new";
    const lastStatus = letter === letter.toUpperCase() ? "PENDING" : "RUNNING";
    return { taskArn: `${letter}${index}`, lastStatus, internal: { deployment } } as Task;
  });
}

function planOf(service: Wanted, desired: number, text: string) {
  const leaving = ({ taskArn }: Task) => taskArn.startsWith("d");
  const { start, stop, steady } = planService(service, desired, { tasks: tasksOf(text), leaving });
  return { start, stop: stop.map(({ taskArn }) => taskArn.charAt(0)).join(""), steady };
}

describe("what a service does next", () => {
  test.each([
    // [least %, most %, desired, tasks, start, stop, steady]
    [100, 200, 2, "", 2, "", false],
    [100, 200, 2, "NN", 0, "", false],
    [100, 200, 2, "nN", 0, "", false],
    [100, 200, 2, "nn", 0, "", true],
    [100, 200, 0, "", 0, "", true],
    [100, 200, 0, "nn", 0, "nn", false],
    [100, 200, 1, "nNn", 0, "Nn", false],
    // A rolling update: new ones first, old ones as new ones run.
    [100, 200, 2, "oo", 2, "", false],
    [100, 200, 2, "ooNN", 0, "", false],
    [100, 200, 2, "oonN", 0, "o", false],
    [100, 200, 2, "oonn", 0, "oo", false],
    [100, 200, 2, "Oo", 2, "O", false],
    // No room above the desired count: old ones go before, down to the healthy minimum.
    [50, 100, 4, "oooo", 0, "oo", false],
    [50, 100, 4, "oo", 2, "", false],
    [50, 100, 4, "ooNN", 0, "", false],
    [0, 100, 1, "o", 0, "o", false],
    [100, 150, 2, "oo", 1, "", false],
    // An instance that is drained: as if its task were an old one.
    [100, 200, 1, "d", 1, "", false],
    [100, 200, 1, "dn", 0, "d", false],
  ])(
    "at %i to %i %%, %i wanted, of %j: start %i, stop %j, steady %s",
    (least, most, desired, text, start, stop, steady) => {
      expect(planOf(aService(least, most), desired, text)).toEqual({ start, stop, steady });
    },
  );

  test("a deployment that was given up starts nothing", () => {
    expect(planOf(aService(100, 200, "FAILED"), 2, "oo")).toEqual({ start: 0, stop: "", steady: false });
  });
});

test("every update reaches its end, never above the maximum, and never below the minimum by its own doing", () => {
  const settings = fc.record({
    desired: fc.integer({ min: 0, max: 12 }),
    least: fc.constantFrom(0, 34, 50, 100),
    room: fc.constantFrom(0, 1, 50, 100),
    old: fc.integer({ min: 0, max: 14 }),
    order: fc.infiniteStream(fc.nat(100)),
  });
  fc.assert(
    fc.property(settings, ({ desired, least, room, old, order }) => {
      // At 100 to 100 % nothing may stop and nothing may start: ECS refuses nothing, and waits for ever.
      fc.pre(
        !(
          Math.ceil((desired * least) / 100) >= desired &&
          Math.floor((desired * (100 + room)) / 100) <= desired
        ),
      );
      const service = aService(least, 100 + room);
      let tasks = tasksOf("o".repeat(old));
      const most = Math.max(desired, Math.floor((desired * (100 + room)) / 100));
      for (let step = 0; step < 200; step++) {
        const plan = planService(service, desired, { tasks, leaving: () => false });
        if (plan.steady) return;
        const runningBefore = tasks.filter(({ lastStatus }) => lastStatus === "RUNNING").length;
        const stopping = new Set(plan.stop);
        tasks = tasks.filter((task) => !stopping.has(task));
        const running = tasks.filter(({ lastStatus }) => lastStatus === "RUNNING").length;
        expect(running).toBeGreaterThanOrEqual(Math.min(runningBefore, Math.ceil((desired * least) / 100)));
        tasks = [...tasks, ...tasksOf("N".repeat(plan.start))];
        expect(tasks.length).toBeLessThanOrEqual(Math.max(most, old));
        // Some one of those that are pending comes up.
        const pending = tasks.filter(({ lastStatus }) => lastStatus !== "RUNNING");
        const up = pending[(order.next().value ?? 0) % Math.max(1, pending.length)];
        tasks = tasks.map((task) => (task === up ? { ...task, lastStatus: "RUNNING" as const } : task));
      }
      throw new Error("The update did not come to its end");
    }),
    { numRuns: 500 },
  );
});
