import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Tests of the tests: whether each guard, taken away, turns something red. */
const ONLY_IN_SOAK = ["test/usage/mutants.test.ts"];

/** What waits for minutes until the whole running product has come to rest, again and again: not part of `npm test`. */
export const LONG = [
  "test/scenarios/*.test.ts",
  ...ONLY_IN_SOAK,
  "test/infra/declared.test.ts",
  "packages/registry/src/lifecycle/crash-lifecycle.test.ts",
  "test/kubernetes-failures.test.ts",
  "test/integration/{doctor,doctor-ecs,iam-scenarios,kubernetes-report,task-starts,usage-evidence,usage-hostile}.test.ts",
  "test/chaos/{events,failures,replica-checks,restart,slack}.test.ts",
  "test/integration/{reconcile,registries-check,replication-failure,switches-both-ways,throttled-registry}.test.ts",
  "test/integration/{a-life,bad-input-messages,brake,every-event-kind,honest-sizes,never-a-pull,topology-variant}.test.ts",
];

// `npm run test:long`, and part of `.ci/run` and `npm run soak`.
export default defineConfig({
  test: {
    include: process.env["SOAK"] === "1" ? LONG : LONG.filter((it) => !ONLY_IN_SOAK.includes(it)),
    // They wait for the product as often as it works: one more than there are cores takes a sixth less time.
    maxWorkers: availableParallelism() + 1,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
