import { formatLifecyclePolicy } from "@tallyman/domain/lifecycle-policy/lifecycle-policy";
import * as z from "zod";
import { getRepository } from "../core/repositories.ts";
import { setLifecyclePolicy } from "../storage/lifecycle-policies.ts";
import { registryId, repositoryName } from "./inputs.ts";
import { lifecyclePolicyText, parsePolicyText } from "./lifecycle-policy.ts";
import { operation, permittedRepository } from "./operation.ts";

const Input = z.object({ registryId, repositoryName, lifecyclePolicyText });

/** Replaces the whole policy; the next run is a day from now. */
export const putLifecyclePolicyOperation = operation("PutLifecyclePolicy", Input, (call) => {
  const { core, input } = call;
  const ref = permittedRepository(call, "ecr:PutLifecyclePolicy");
  getRepository(core.sql, ref);
  const text = formatLifecyclePolicy(parsePolicyText(input.lifecyclePolicyText, core.switches));
  core.change(({ sql, now }) =>
    setLifecyclePolicy(sql, getRepository(sql, ref).id, { text, at: now.getTime() }),
  );
  return {
    registryId: ref.account,
    repositoryName: ref.repository,
    lifecyclePolicyText: input.lifecyclePolicyText,
  };
});
