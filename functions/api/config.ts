import * as z from "zod";
import { readEnvironment, VARIABLES } from "../configuration/environment.ts";

const DeadLetterQueues = z
  .array(z.object({ name: z.string().min(1), url: z.url(), arn: z.string().min(1) }))
  .readonly();

const Variables = z.object({
  AWS_REGION: VARIABLES.AWS_REGION,
  AWS_ENDPOINT_URL: VARIABLES.AWS_ENDPOINT_URL,
  TABLE_NAME: VARIABLES.TABLE_NAME,
  BUCKET_NAME: VARIABLES.BUCKET_NAME,
  POLICY_KEY: VARIABLES.POLICY_KEY,
  REGISTRIES: VARIABLES.REGISTRIES,
  /** Name of the SecureString with the key that signs cursors. */
  CURSOR_KEY_PARAMETER: z.string().min(1),
  /** `[{"name":"DueDeadLetters","url":"https://sqs...","arn":"arn:aws:sqs:..."}]` */
  DEAD_LETTER_QUEUES: z
    .string()
    .transform((json, context) => {
      try {
        return JSON.parse(json);
      } catch {
        context.addIssue({ code: "custom", message: "not JSON" });
        return z.NEVER;
      }
    })
    .pipe(DeadLetterQueues),
});
export type Config = Readonly<z.infer<typeof Variables>>;

export function readConfig(environment: NodeJS.ProcessEnv): Config {
  return readEnvironment(Variables, environment);
}
