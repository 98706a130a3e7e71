import * as z from "zod";

/** What AWS does not document, or what one may want otherwise: read and set with the registry's switches. */
const Switches = z.strictObject({
  /** What a task's `imageDigest` is for a multi-architecture image: the digest that was asked for, or the platform's. */
  ecsImageDigest: z.enum(["index", "platform"]),
  /** Whether the agent asks for a layer (BatchCheckLayerAvailability) before it fetches it. Today's runtimes do not. */
  ecsChecksLayers: z.boolean(),
  /** Where an agent older than 1.7.0 fails with an image of ECR: in the pull, or already when it is looked for. */
  ecsOldAgent: z.enum(["pull", "placement"]),
});
export type EcsSwitches = z.infer<typeof Switches>;

const DEFAULTS: EcsSwitches = { ecsImageDigest: "index", ecsChecksLayers: true, ecsOldAgent: "pull" };

export type EcsSettings = {
  show(): EcsSwitches;
  /** Throws a ZodError for what is no switch of ECS, or none of its values. */
  check(changes: unknown): void;
  set(changes: unknown): void;
  restore(): void;
};

export function createEcsSettings(): EcsSettings {
  let current = DEFAULTS;
  return {
    show: () => current,
    check: (changes) => void Switches.partial().parse(changes),
    set(changes) {
      current = { ...current, ...stripped(Switches.partial().parse(changes)) };
    },
    restore() {
      current = DEFAULTS;
    },
  };
}

function stripped(
  changes: Partial<{ [K in keyof EcsSwitches]: EcsSwitches[K] | undefined }>,
): Partial<EcsSwitches> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}
