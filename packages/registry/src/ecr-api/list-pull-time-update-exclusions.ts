import * as z from "zod";
import { listExclusions } from "../storage/pull-time-exclusions.ts";
import { nextToken } from "./inputs.ts";
import { operation } from "./operation.ts";
import { readPage } from "./paging.ts";

const Input = z.object({ nextToken, maxResults: z.int().min(1).max(1000).optional() });

export const listPullTimeUpdateExclusionsOperation = operation(
  "ListPullTimeUpdateExclusions",
  Input,
  (call) => {
    const { caller, core, registry, permits, input } = call;
    permits.onRegistry({ caller, action: "ecr:ListPullTimeUpdateExclusions" }, registry);
    const page = readPage(
      { ...input, scope: `exclusions ${registry.account}` },
      ({ after, limit }) =>
        listExclusions(core.sql, registry)
          .filter(({ principal }) => principal > after)
          .slice(0, limit),
      ({ principal }) => principal,
    );
    return {
      pullTimeUpdateExclusions: page.items.map(({ principal }) => principal),
      nextToken: page.nextToken,
    };
  },
);
