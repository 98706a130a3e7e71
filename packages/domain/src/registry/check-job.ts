import * as z from "../zod.ts";
import { AccountId, Region, type Registry } from "./registry.ts";

/** Look whether one registry is watched as it should be. `check` names the request: all of its registries carry it. */
export const RegistryCheckJob = z.strictObject({
  kind: z.literal("check"),
  account: AccountId,
  region: Region,
  check: z.string().check(z.minLength(1), z.maxLength(200)),
});
export type RegistryCheckJob = z.infer<typeof RegistryCheckJob>;

/** One job for each registry, each once per check. Throws when any was not taken. */
export type RegistryCheckQueue = {
  send(check: string, registries: readonly Registry[]): Promise<void>;
};
