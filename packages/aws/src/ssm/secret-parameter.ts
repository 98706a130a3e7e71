import type { SSMClientConfig } from "@aws-sdk/client-ssm";
import * as z from "@tallyman/domain/zod";

/** A secret by name. */
export type SecretParameter = () => Promise<string>;

/** A changed secret is taken up after this long at the latest. */
const KEPT_FOR_MS = 5 * 60_000;

const Answer = z.lazy(() => z.object({ Parameter: z.object({ Value: z.string().check(z.minLength(1)) }) }));

/** Reads a SecureString and keeps it for five minutes. The client is loaded with the first read, not with the function. */
export function ssmSecretParameter(
  name: string,
  settings: SSMClientConfig = {},
  now: () => number = Date.now,
): SecretParameter {
  let reader: (() => Promise<unknown>) | undefined;
  let held: { readonly value: string; readonly at: number } | undefined;
  return async () => {
    if (held && Math.abs(now() - held.at) < KEPT_FOR_MS) return held.value;
    reader ??= (await import("./get-parameter.ts")).parameterReader(settings, name);
    held = { value: Answer.parse(await reader()).Parameter.Value, at: now() };
    return held.value;
  };
}
