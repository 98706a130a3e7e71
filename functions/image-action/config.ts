import * as z from "zod";
import { REGISTRY_READING, readEnvironment } from "../configuration/environment.ts";

const Config = z.object(REGISTRY_READING);
export type Config = Readonly<z.infer<typeof Config>>;

export function readConfig(environment: NodeJS.ProcessEnv): Config {
  return readEnvironment(Config, environment);
}
