import { findCaller } from "@tallyman/aws/doctor/caller";
import { awsEcsLook } from "@tallyman/aws/doctor/ecs-look";
import { awsLambdaLook } from "@tallyman/aws/doctor/lambda-look";
import { awsRegistryLook } from "@tallyman/aws/doctor/registry-look";
import { awsRoleLook } from "@tallyman/aws/doctor/role-look";
import { examineEcs } from "@tallyman/domain/doctor/examine-ecs";
import { examineLambda } from "@tallyman/domain/doctor/examine-lambda";
import { examineRegistry } from "@tallyman/domain/doctor/examine-registry";
import type { DoctorFinding } from "@tallyman/domain/doctor/finding";
import type { Keys } from "./doctor.ts";

/**
 * All that the doctor says with these keys, of everything and of the cluster and the function of that name, without starting
 * the command for each.
 */
export async function examineAll(
  endpoint: string,
  keys: Keys,
  named: string,
): Promise<readonly (readonly DoctorFinding[])[]> {
  const connection = { region: "us-east-1", endpoint, credentials: async () => keys };
  const { place } = await findCaller(connection);
  const look = () => ({
    ...awsEcsLook(connection),
    ...awsRoleLook(connection),
    ...awsRegistryLook(connection, place),
    ...awsLambdaLook(connection),
  });
  return Promise.all(
    [
      examineEcs(look(), { place }),
      examineEcs(look(), { place, cluster: named }),
      examineLambda(look(), { place }),
      examineLambda(look(), { place, function: named }),
      examineRegistry(look(), { place }),
    ].map((findings) => Array.fromAsync(findings)),
  );
}
