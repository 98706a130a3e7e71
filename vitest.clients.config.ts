import { defineConfig } from "vitest/config";

// Real clients (docker, containerd, podman, skopeo, umoci, buildah, the aws CLI) against the running product:
// `npm run test:clients`, and part of `.ci/run`. Outside CI a missing client skips its tests and says so; in CI it is a
// failure. One that cannot run where it is (docker's daemon without privileges) says why.
export default defineConfig({
  test: {
    include: ["test/clients/**/*.test.ts"],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    fileParallelism: false,
  },
});
