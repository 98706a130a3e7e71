import * as z from "@tallyman/domain/zod";
import { readEnvironment, VARIABLES } from "../configuration/environment.ts";

const { TABLE_NAME, REPLICA_CHECK_QUEUE_URL } = VARIABLES;
const Config = z.object({ TABLE_NAME, REPLICA_CHECK_QUEUE_URL });
export type Config = Readonly<z.infer<typeof Config>>;

export function readConfig(environment: NodeJS.ProcessEnv): Config {
  return readEnvironment(Config, environment);
}
