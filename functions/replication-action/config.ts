import {
  type RegistryReading,
  readEnvironment,
  RegistryReading as Schema,
} from "../configuration/environment.ts";

export type Config = RegistryReading;

export function readConfig(environment: NodeJS.ProcessEnv): Config {
  return readEnvironment(Schema, environment);
}
