import type { RegistryCheckQueue } from "@tallyman/domain/registry/check-job";

/** The queue of checks, whose client is loaded when somebody asks for a check: few requests do. */
export function lateRegistryCheckQueue(queueUrl: string): RegistryCheckQueue {
  return {
    async send(check, registries) {
      const { openRegistryCheckQueue } = await import("./open-registry-check-queue.ts");
      await openRegistryCheckQueue(queueUrl).send(check, registries);
    },
  };
}
