import * as z from "zod";
import { findDocument, listDocuments, prefixKey } from "../storage/registry-documents.ts";
import { templateMembers, toTemplate } from "./creation-template.ts";
import { maxResults, nextToken } from "./inputs.ts";
import { operation } from "./operation.ts";
import { readPage, refusePaging } from "./paging.ts";

const Input = z.object({
  prefixes: z.array(templateMembers.prefix).max(100).default([]),
  nextToken,
  maxResults,
});

/** By prefixes those that are there (the operation has no exception for the others), otherwise a page. */
export const describeRepositoryCreationTemplatesOperation = operation(
  "DescribeRepositoryCreationTemplates",
  Input,
  ({ caller, core, registry, permits, input }) => {
    permits.onRegistry({ caller, action: "ecr:DescribeRepositoryCreationTemplates" }, registry);
    if (input.prefixes.length > 0) {
      refusePaging(input, "prefixes");
      const found = [...new Set(input.prefixes.map(prefixKey))].map((name) =>
        findDocument(core.sql, registry, { kind: "creationTemplate", name }),
      );
      const templates = found.filter((template) => template !== undefined);
      return { registryId: registry.account, repositoryCreationTemplates: templates.map(toTemplate) };
    }
    const page = readPage(
      { ...input, scope: "creation templates" },
      (range) => listDocuments(core.sql, registry, { kind: "creationTemplate", ...range }),
      (template) => template.prefix,
    );
    return {
      registryId: registry.account,
      repositoryCreationTemplates: page.items.map(toTemplate),
      nextToken: page.nextToken,
    };
  },
);
