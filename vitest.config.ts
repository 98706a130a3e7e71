import { configDefaults, defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/longest-first.ts";
import { LONG } from "./vitest.long.config.ts";

// Three projects, run together by `npm test`; `test/clients` runs only from `.ci/run` and `npm run test:clients`,
// because it needs real clients (skopeo, aws) on the host, as `npm run test:long` does because it takes minutes.

/** A condition is waited for as long as a busy machine may take, not for the second that is vitest's default. */
const patient = { poll: { timeout: 60_000, interval: 20 } };
const exclude = [...configDefaults.exclude, ...LONG];

export default defineConfig({
  test: {
    // Much of the time goes into waiting for the product's own process: one file more than the default keeps cores busy.
    maxWorkers: "100%",
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          expect: patient,
          setupFiles: ["test/support/property-seed.ts"],
          // Files share a worker's modules: loading them anew for each file took a quarter of the time. No module keeps state.
          isolate: false,
          include: [
            "packages/*/src/**/*.test.ts",
            "functions/**/*.test.ts",
            "test/*.test.ts",
            "test/usage/in-use.test.ts",
          ],
          exclude,
          // Far more than any needs: a busy machine must not turn a property test red.
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: "integration",
          expect: patient,
          setupFiles: ["test/support/property-seed.ts"],
          isolate: false,
          include: ["test/{contract,integration,conformance,chaos}/**/*.test.ts"],
          exclude,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
      {
        test: {
          name: "infra",
          expect: patient,
          setupFiles: ["test/support/property-seed.ts"],
          include: ["test/infra/**/*.test.ts"],
          exclude,
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
});
