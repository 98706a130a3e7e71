import * as z from "zod";
import { EcrError } from "../core/errors.ts";
import { deleteExclusion, findExclusion } from "../storage/pull-time-exclusions.ts";
import { principalArn } from "./inputs.ts";
import { operation } from "./operation.ts";

export const deregisterPullTimeUpdateExclusionOperation = operation(
  "DeregisterPullTimeUpdateExclusion",
  z.object({ principalArn }),
  (call) => {
    const { caller, core, registry, permits, input } = call;
    permits.onRegistry({ caller, action: "ecr:DeregisterPullTimeUpdateExclusion" }, registry);
    core.change(({ sql }) => {
      if (findExclusion(sql, registry, input.principalArn) === undefined) {
        throw new EcrError(
          "ExclusionNotFoundException",
          `The principal '${input.principalArn}' is not excluded from pull time updates`,
        );
      }
      deleteExclusion(sql, registry, input.principalArn);
    });
    return { principalArn: input.principalArn };
  },
);
