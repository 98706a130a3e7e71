import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { Place } from "@tallyman/domain/doctor/facts";
import { PARTITIONS } from "@tallyman/domain/registry/registry-host";
import * as z from "@tallyman/domain/zod";
import { clientConfig, type DoctorConnection } from "./connection.ts";

const Answer = z.object({ Account: z.string(), Arn: z.string() });
const Partition = z.enum(PARTITIONS);

export type Caller = { readonly place: Place; readonly arn: string };

/** Whose credentials these are: GetCallerIdentity is refused to nobody. Throws what STS or the network says. */
export async function findCaller(connection: DoctorConnection): Promise<Caller> {
  const client = new STSClient(clientConfig(connection));
  try {
    const { Account, Arn } = Answer.parse(await client.send(new GetCallerIdentityCommand({})));
    const partition = Partition.parse(Arn.split(":")[1]);
    return { arn: Arn, place: { account: Account, region: connection.region, partition } };
  } finally {
    client.destroy();
  }
}
