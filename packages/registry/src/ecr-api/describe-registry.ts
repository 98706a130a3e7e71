import * as z from "zod";
import { listReplicationRules } from "../storage/registry-settings.ts";
import { operation } from "./operation.ts";
import { toReplicationConfiguration } from "./replication-configuration.ts";

export const describeRegistryOperation = operation("DescribeRegistry", z.object({}), (call) => {
  const { caller, core, registry, permits } = call;
  permits.onRegistry({ caller, action: "ecr:DescribeRegistry" }, registry);
  return {
    registryId: registry.account,
    replicationConfiguration: toReplicationConfiguration(listReplicationRules(core.sql, registry)),
  };
});
