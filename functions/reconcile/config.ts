import type * as z from "zod";
import { RegistryReading, readEnvironment, VARIABLES } from "../configuration/environment.ts";

const { WRITER_ROLE_NAME, RECONCILE_QUEUE_URL } = VARIABLES;
const Config = RegistryReading.extend({ WRITER_ROLE_NAME, RECONCILE_QUEUE_URL });
export type Config = Readonly<z.infer<typeof Config>>;

export function readConfig(environment: NodeJS.ProcessEnv): Config {
  return readEnvironment(Config, environment);
}
