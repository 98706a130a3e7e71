import * as z from "zod";
import { EcrError, invalidParameter } from "../core/errors.ts";
import { setReplicationRules } from "../storage/registry-settings.ts";
import { operation } from "./operation.ts";
import { ReplicationConfiguration, toRules } from "./replication-configuration.ts";

const Input = z.object({ replicationConfiguration: ReplicationConfiguration });
const MAXIMUM_DESTINATIONS = 25;

/** Replaces all rules; what was pushed before is not copied. */
export const putReplicationConfigurationOperation = operation(
  "PutReplicationConfiguration",
  Input,
  (call) => {
    const { caller, core, registry, permits, input } = call;
    permits.onRegistry({ caller, action: "ecr:PutReplicationConfiguration" }, registry);
    const rules = toRules(input.replicationConfiguration);
    const most = Number(core.switches.maxReplicationRules);
    if (rules.length > most) {
      const constraint = `Member must have length less than or equal to ${most}`;
      throw invalidParameter("replicationConfiguration.rules", constraint);
    }
    const names = rules.flatMap((rule) => rule.destinations.map((to) => `${to.account}/${to.region}`));
    if (names.includes(`${registry.account}/${registry.region}`)) {
      throw invalid("Replication destination cannot be the same as the source registry");
    }
    if (new Set(names).size > MAXIMUM_DESTINATIONS) {
      throw invalid(
        `A replication configuration can have at most ${MAXIMUM_DESTINATIONS} different destinations`,
      );
    }
    core.change(({ sql }) => setReplicationRules(sql, registry, rules));
    return { replicationConfiguration: input.replicationConfiguration };
  },
);

function invalid(message: string): EcrError {
  return new EcrError("InvalidParameterException", message);
}
