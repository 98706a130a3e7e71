import * as z from "zod";
import { EcrError, invalidParameter } from "../core/errors.ts";
import { countDocuments, findDocument, putDocument } from "../storage/registry-documents.ts";
import { registryId } from "./inputs.ts";
import { operation } from "./operation.ts";
import { toTimestamp } from "./outputs.ts";
import {
  credentialArn,
  customRoleArn,
  ecrRepositoryPrefix,
  requireOwnSecret,
  toRule,
} from "./pull-through-cache-rule.ts";
import { toUpstreamRegistry, upstreamRegistry } from "./upstream-registry.ts";

const MAXIMUM_RULES = 50;

const Input = z.object({
  ecrRepositoryPrefix,
  upstreamRegistryUrl: z.string(),
  registryId,
  upstreamRegistry: upstreamRegistry.optional(),
  credentialArn,
  customRoleArn,
  upstreamRepositoryPrefix: ecrRepositoryPrefix.default("ROOT"),
});

/** Kept and answered: nothing is pulled through here yet, and there is no Secrets Manager to look the secret up in. */
export const createPullThroughCacheRuleOperation = operation(
  "CreatePullThroughCacheRule",
  Input,
  ({ caller, core, registry, permits, input: { registryId: _, ...input } }) => {
    permits.onRegistry({ caller, action: "ecr:CreatePullThroughCacheRule" }, registry);
    const name = input.ecrRepositoryPrefix;
    if (name === "ROOT" && input.upstreamRepositoryPrefix !== "ROOT") {
      throw invalidParameter("upstreamRepositoryPrefix", "must be ROOT when ecrRepositoryPrefix is ROOT");
    }
    const upstream = toUpstreamRegistry(input, registry);
    requireOwnSecret(input.credentialArn, registry);
    return core.change(({ sql, now }) => {
      if (findDocument(sql, registry, { kind: "pullThroughCacheRule", name }) !== undefined) {
        throw new EcrError(
          "PullThroughCacheRuleAlreadyExistsException",
          `The pull through cache rule with Amazon ECR repository prefix '${name}' already exists in the registry with ` +
            `id '${registry.account}'`,
        );
      }
      if (countDocuments(sql, registry, "pullThroughCacheRule") >= MAXIMUM_RULES) {
        throw new EcrError(
          "LimitExceededException",
          `A registry can have at most ${MAXIMUM_RULES} pull through cache rules`,
        );
      }
      const at = now.getTime();
      const value = { ...input, upstreamRegistry: upstream, createdAt: at, updatedAt: at };
      putDocument(sql, registry, { kind: "pullThroughCacheRule", name, value });
      return { ...toRule(value, registry), createdAt: toTimestamp(at) };
    });
  },
);
