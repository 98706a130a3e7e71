import * as z from "zod";
import { deleteDocument } from "../storage/registry-documents.ts";
import { registryId } from "./inputs.ts";
import { operation } from "./operation.ts";
import { toTimestamp } from "./outputs.ts";
import { ecrRepositoryPrefix, getRule, toRule } from "./pull-through-cache-rule.ts";

export const deletePullThroughCacheRuleOperation = operation(
  "DeletePullThroughCacheRule",
  z.object({ ecrRepositoryPrefix, registryId }),
  ({ caller, core, registry, permits, input }) => {
    permits.onRegistry({ caller, action: "ecr:DeletePullThroughCacheRule" }, registry);
    return core.change(({ sql }) => {
      const rule = getRule(sql, registry, input.ecrRepositoryPrefix);
      deleteDocument(sql, registry, { kind: "pullThroughCacheRule", name: rule.ecrRepositoryPrefix });
      const { upstreamRegistry: _, ...members } = toRule(rule, registry);
      return { ...members, createdAt: toTimestamp(rule.createdAt) };
    });
  },
);
