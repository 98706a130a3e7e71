import * as z from "@tallyman/domain/zod";
import { json, readEnvironment, VARIABLES } from "../configuration/environment.ts";

const text = z.string().check(z.minLength(1));
const DeadLetterQueues = z.readonly(z.array(z.object({ name: text, url: z.url(), arn: text })));

const Variables = z.object({
  AWS_REGION: VARIABLES.AWS_REGION,
  AWS_ENDPOINT_URL: VARIABLES.AWS_ENDPOINT_URL,
  TABLE_NAME: VARIABLES.TABLE_NAME,
  BUCKET_NAME: VARIABLES.BUCKET_NAME,
  POLICY_KEY: VARIABLES.POLICY_KEY,
  REGISTRIES_KEY: VARIABLES.REGISTRIES_KEY,
  RECONCILE_QUEUE_URL: VARIABLES.RECONCILE_QUEUE_URL,
  USAGE_QUEUE_URL: VARIABLES.USAGE_QUEUE_URL,
  READER_ROLE_NAME: VARIABLES.READER_ROLE_NAME,
  EXTERNAL_ID: VARIABLES.EXTERNAL_ID,
  /** Name of the SecureString with the key that signs cursors. */
  CURSOR_KEY_PARAMETER: text,
  /** `[{"name":"DueDeadLetters","url":"https://sqs...","arn":"arn:aws:sqs:..."}]` */
  DEAD_LETTER_QUEUES: json(DeadLetterQueues),
});
export type Config = Readonly<z.infer<typeof Variables>>;

export function readConfig(environment: NodeJS.ProcessEnv): Config {
  return readEnvironment(Variables, environment);
}
