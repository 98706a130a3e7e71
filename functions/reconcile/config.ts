import * as z from "@tallyman/domain/zod";
import { RegistryReading, readEnvironment, VARIABLES } from "../configuration/environment.ts";

const { WRITER_ROLE_NAME, RECONCILE_QUEUE_URL, HUB_BUS_ARN } = VARIABLES;
const Config = z.extend(RegistryReading, { WRITER_ROLE_NAME, RECONCILE_QUEUE_URL, HUB_BUS_ARN });
export type Config = Readonly<z.infer<typeof Config>>;

export function readConfig(environment: NodeJS.ProcessEnv): Config {
  return readEnvironment(Config, environment);
}
