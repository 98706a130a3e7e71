import { formatLifecyclePolicy } from "@tallyman/domain/lifecycle-policy/lifecycle-policy";
import * as z from "zod";
import { getRepository } from "../core/repositories.ts";
import { startPreview } from "../lifecycle/preview.ts";
import { registryId, repositoryName } from "./inputs.ts";
import { getStoredPolicy, lifecyclePolicyText, parsePolicyText } from "./lifecycle-policy.ts";
import { operation, permittedRepository } from "./operation.ts";

const Input = z.object({
  registryId,
  repositoryName,
  lifecyclePolicyText: lifecyclePolicyText.optional(),
});

/** Of the policy in the call, otherwise of the repository's own. */
export const startLifecyclePolicyPreviewOperation = operation(
  "StartLifecyclePolicyPreview",
  Input,
  (call) => {
    const { core, input } = call;
    const ref = permittedRepository(call, "ecr:StartLifecyclePolicyPreview");
    const settings = core.limits.lifecycle;
    return core.change((change) => {
      const repository = getRepository(change.sql, ref);
      const given = input.lifecyclePolicyText ?? getStoredPolicy(change.sql, repository).text;
      const policy = parsePolicyText(given, settings);
      const text = formatLifecyclePolicy(policy);
      startPreview(change, repository, { policy, text, settings });
      return {
        registryId: ref.account,
        repositoryName: ref.repository,
        lifecyclePolicyText: text,
        status: "IN_PROGRESS",
      };
    });
  },
);
