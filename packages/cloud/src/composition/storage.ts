import { join } from "node:path";
import { bucketDefinition, initialObject, policyBucket } from "../bucket/bucket-definition.ts";
import { type Buckets, createBuckets } from "../bucket/buckets.ts";
import { createIam, type Iam } from "../identity-api/iam-service.ts";
import { createParameters, declaredParameter, type Parameters } from "../parameters/parameters.ts";
import { tableDefinition } from "../tables/table-definition.ts";
import { createTables, type Tables } from "../tables/tables.ts";
import type { Core } from "./core.ts";

/** Tables as the stacks declare them. */
export async function startTables(core: Core, dataDirectory: string): Promise<Tables> {
  const { authorizer, faults, clock, topology } = core;
  const directory = join(dataDirectory, "tables");
  const tables = createTables({ authorize: authorizer.authorize, faults, clock, directory });
  for (const { logicalName, inputs, account, region } of topology.resources("aws:dynamodb/table:Table"))
    await tables.declare(tableDefinition(logicalName, inputs, { account, region }));
  return tables;
}

/** Buckets with their policies, and the objects that the stacks bring along. */
export async function startBuckets(
  core: Core,
  { dataDirectory, bundlesDirectory }: { readonly dataDirectory: string; readonly bundlesDirectory: string },
): Promise<Buckets> {
  const { authorizer, faults, clock, topology } = core;
  const directory = join(dataDirectory, "buckets");
  const buckets = await createBuckets({ authorize: authorizer.authorize, faults, clock, directory });
  const policies = topology.resources("aws:s3/bucketPolicy:BucketPolicy");
  for (const { logicalName, inputs, account, region } of topology.resources("aws:s3/bucket:Bucket")) {
    const name = bucketDefinition(logicalName, inputs, { account, region }).name;
    const policy = policies.find((one) => policyBucket(one.inputs) === name)?.inputs;
    await buckets.declare(bucketDefinition(logicalName, inputs, { account, region }, policy));
  }
  for (const { logicalName, inputs } of topology.resources("aws:s3/bucketObjectv2:BucketObjectv2"))
    await buckets.place(initialObject(logicalName, inputs, bundlesDirectory));
  return buckets;
}

/** Parameters with the values that the stacks give them first. */
export async function startParameters(core: Core, dataDirectory: string): Promise<Parameters> {
  const { authorizer, faults, clock, topology } = core;
  const file = join(dataDirectory, "parameters.json");
  const parameters = await createParameters({ authorize: authorizer.authorize, faults, clock, file });
  for (const { logicalName, inputs, account, region } of topology.resources("aws:ssm/parameter:Parameter"))
    await parameters.declare(declaredParameter(logicalName, inputs, { account, region }));
  return parameters;
}

/** IAM's API, with the roles that calls have made: before anything that acts through one. */
export function startIam({ identity, authorizer, faults, roles }: Core, dataDirectory: string): Promise<Iam> {
  const file = join(dataDirectory, "identities.json");
  return createIam({ identity, authorize: authorizer.authorize, faults, declared: roles, file });
}
