import * as z from "zod";
import { putDocument } from "../storage/registry-documents.ts";
import { registryId } from "./inputs.ts";
import { operation } from "./operation.ts";
import { toTimestamp } from "./outputs.ts";
import {
  credentialArn,
  customRoleArn,
  ecrRepositoryPrefix,
  getRule,
  requireOwnSecret,
  toRule,
} from "./pull-through-cache-rule.ts";
import { toUpstreamRegistry } from "./upstream-registry.ts";

const Input = z.object({ registryId, ecrRepositoryPrefix, credentialArn, customRoleArn });

/** Changes the secret or the role; what is not given stays. */
export const updatePullThroughCacheRuleOperation = operation(
  "UpdatePullThroughCacheRule",
  Input,
  ({ caller, core, registry, permits, input }) => {
    permits.onRegistry({ caller, action: "ecr:UpdatePullThroughCacheRule" }, registry);
    requireOwnSecret(input.credentialArn, registry);
    return core.change(({ sql, now }) => {
      const rule = getRule(sql, registry, input.ecrRepositoryPrefix);
      const value = {
        ...rule,
        credentialArn: input.credentialArn ?? rule.credentialArn,
        customRoleArn: input.customRoleArn ?? rule.customRoleArn,
        updatedAt: now.getTime(),
      };
      toUpstreamRegistry({ ...value, upstreamRegistry: undefined }, registry);
      putDocument(sql, registry, { kind: "pullThroughCacheRule", name: rule.ecrRepositoryPrefix, value });
      const { upstreamRegistry: _, upstreamRegistryUrl: __, ...members } = toRule(value, registry);
      return { ...members, updatedAt: toTimestamp(value.updatedAt) };
    });
  },
);
