import * as z from "zod";
import { listDocuments, prefixKey } from "../storage/registry-documents.ts";
import { maxResults, nextToken, registryId } from "./inputs.ts";
import { operation } from "./operation.ts";
import { readPage, refusePaging } from "./paging.ts";
import { ecrRepositoryPrefix, getRule, toDescribedRule } from "./pull-through-cache-rule.ts";

const Input = z.object({
  registryId,
  ecrRepositoryPrefixes: z.array(ecrRepositoryPrefix).min(1).max(100).optional(),
  nextToken,
  maxResults,
});

/** By prefixes: every one of them, or PullThroughCacheRuleNotFoundException. Otherwise a page. */
export const describePullThroughCacheRulesOperation = operation(
  "DescribePullThroughCacheRules",
  Input,
  ({ caller, core, registry, permits, input }) => {
    permits.onRegistry({ caller, action: "ecr:DescribePullThroughCacheRules" }, registry);
    const prefixes = input.ecrRepositoryPrefixes;
    if (prefixes !== undefined) {
      refusePaging(input, "ecrRepositoryPrefixes");
      const rules = [...new Set(prefixes.map(prefixKey))].map((prefix) =>
        getRule(core.sql, registry, prefix),
      );
      return { pullThroughCacheRules: rules.map((rule) => toDescribedRule(rule, registry)) };
    }
    const page = readPage(
      { ...input, scope: "pull-through cache rules" },
      (range) => listDocuments(core.sql, registry, { kind: "pullThroughCacheRule", ...range }),
      (rule) => rule.ecrRepositoryPrefix,
    );
    return {
      pullThroughCacheRules: page.items.map((rule) => toDescribedRule(rule, registry)),
      nextToken: page.nextToken,
    };
  },
);
