import * as z from "zod";
import { EcrError } from "../core/errors.ts";
import { findExclusion, insertExclusion, listExclusions } from "../storage/pull-time-exclusions.ts";
import { principalArn } from "./inputs.ts";
import { operation } from "./operation.ts";
import { toTimestamp } from "./outputs.ts";

const MAXIMUM_EXCLUSIONS = 100;

export const registerPullTimeUpdateExclusionOperation = operation(
  "RegisterPullTimeUpdateExclusion",
  z.object({ principalArn }),
  (call) => {
    const { caller, core, registry, permits, input } = call;
    permits.onRegistry({ caller, action: "ecr:RegisterPullTimeUpdateExclusion" }, registry);
    const principal = input.principalArn;
    return core.change(({ sql, now }) => {
      if (findExclusion(sql, registry, principal) !== undefined) {
        throw new EcrError(
          "ExclusionAlreadyExistsException",
          `The principal '${principal}' is already excluded from pull time updates`,
        );
      }
      if (listExclusions(sql, registry).length >= MAXIMUM_EXCLUSIONS) {
        throw new EcrError(
          "LimitExceededException",
          `At most ${MAXIMUM_EXCLUSIONS} principals can be excluded`,
        );
      }
      insertExclusion(sql, registry, { principal, createdAt: now.getTime() });
      return { principalArn: principal, createdAt: toTimestamp(now.getTime()) };
    });
  },
);
