import * as z from "@tallyman/domain/zod";
import { readEnvironment, VARIABLES } from "../configuration/environment.ts";

const Variables = z.object({
  TABLE_NAME: VARIABLES.TABLE_NAME,
  NOTICE_QUEUE_URL: VARIABLES.NOTICE_QUEUE_URL,
  /** Name of the SecureString; the token itself is in no environment. */
  SLACK_TOKEN_PARAMETER: z.string().check(z.minLength(1)),
  /** `https://slack.com/api/` */
  SLACK_API_URL: z.url(),
});
export type Config = Readonly<z.infer<typeof Variables>>;

export function readConfig(environment: NodeJS.ProcessEnv): Config {
  return readEnvironment(Variables, environment);
}
