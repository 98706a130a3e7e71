import * as z from "@tallyman/domain/zod";
import { readEnvironment, VARIABLES } from "../configuration/environment.ts";

const { AWS_REGION, AWS_ENDPOINT_URL, TABLE_NAME, BUCKET_NAME, POLICY_KEY, REGISTRIES_KEY } = VARIABLES;
const Config = z.object({
  AWS_REGION,
  AWS_ENDPOINT_URL,
  TABLE_NAME,
  BUCKET_NAME,
  POLICY_KEY,
  REGISTRIES_KEY,
});
export type Config = Readonly<z.infer<typeof Config>>;

export function readConfig(environment: NodeJS.ProcessEnv): Config {
  return readEnvironment(Config, environment);
}
