import * as z from "@tallyman/domain/zod";
import { RegistryReading, readEnvironment, VARIABLES } from "../configuration/environment.ts";

const { USAGE_QUEUE_URL } = VARIABLES;
const Config = z.extend(RegistryReading, { USAGE_QUEUE_URL });
export type Config = Readonly<z.infer<typeof Config>>;

export function readConfig(environment: NodeJS.ProcessEnv): Config {
  return readEnvironment(Config, environment);
}
