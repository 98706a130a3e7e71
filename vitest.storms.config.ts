import { defineConfig } from "vitest/config";

/** Storms over the whole running product: minutes of waiting for it to come to rest, so not part of `npm test`. */
export const STORMS = "test/chaos/{events,failures,replica-checks,restart,slack}.test.ts";

// `npm run test:storms`, and part of `.ci/run` and `npm run soak`.
export default defineConfig({
  test: {
    include: [STORMS],
    maxWorkers: "100%",
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
