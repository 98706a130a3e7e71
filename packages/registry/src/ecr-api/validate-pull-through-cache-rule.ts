import * as z from "zod";
import { registryId } from "./inputs.ts";
import { operation } from "./operation.ts";
import { ecrRepositoryPrefix, getRule, toRule } from "./pull-through-cache-rule.ts";

const SECRET_NOT_FOUND = "The ARN of the secret specified in the pull through cache rule was not found.";

/**
 * What is validated is the sign-in at the upstream: a rule without a secret has none and is valid; of one with a secret it
 * is said, truthfully, that the secret was not found, because there is no Secrets Manager here.
 */
export const validatePullThroughCacheRuleOperation = operation(
  "ValidatePullThroughCacheRule",
  z.object({ ecrRepositoryPrefix, registryId }),
  ({ caller, core, registry, permits, input }) => {
    permits.onRegistry({ caller, action: "ecr:ValidatePullThroughCacheRule" }, registry);
    const rule = getRule(core.sql, registry, input.ecrRepositoryPrefix);
    const { upstreamRegistry: _, ...members } = toRule(rule, registry);
    const isValid = rule.credentialArn === undefined;
    return { ...members, isValid, failure: isValid ? undefined : SECRET_NOT_FOUND };
  },
);
