import { GetParameterCommand, type SSMClient } from "@aws-sdk/client-ssm";
import * as z from "zod";

/** A secret by name. */
export type SecretParameter = () => Promise<string>;

/** A changed secret is taken up after this long at the latest. */
const KEPT_FOR_MS = 5 * 60_000;

const Answer = z.object({ Parameter: z.object({ Value: z.string().min(1) }) });

/** Reads a SecureString and keeps it for five minutes. */
export function ssmSecretParameter(
  ssm: SSMClient,
  name: string,
  now: () => number = Date.now,
): SecretParameter {
  let held: { readonly value: string; readonly at: number } | undefined;
  return async () => {
    if (held && Math.abs(now() - held.at) < KEPT_FOR_MS) return held.value;
    const answer = await ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
    held = { value: Answer.parse(answer).Parameter.Value, at: now() };
    return held.value;
  };
}
