import { formatLifecyclePolicy } from "@tallyman/domain/lifecycle-policy/lifecycle-policy";
import * as z from "zod";
import { getRepository } from "../core/repositories.ts";
import { createPause } from "../lifecycle/pauses.ts";
import { readImages } from "../lifecycle/pieces.ts";
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
  async (call) => {
    const { core, input } = call;
    const ref = permittedRepository(call, "ecr:StartLifecyclePolicyPreview");
    const asked = getRepository(core.sql, ref);
    const given = input.lifecyclePolicyText ?? getStoredPolicy(core.sql, asked).text;
    const policy = parsePolicyText(given, core.switches);
    const text = formatLifecyclePolicy(policy);
    const images = await readImages(core.sql, asked.id, createPause());
    return core.change((change) => {
      const repository = getRepository(change.sql, ref);
      startPreview(change, repository, { policy, text, images });
      return {
        registryId: ref.account,
        repositoryName: ref.repository,
        lifecyclePolicyText: text,
        status: "IN_PROGRESS",
      };
    });
  },
);
