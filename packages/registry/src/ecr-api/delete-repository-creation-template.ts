import * as z from "zod";
import { deleteDocument } from "../storage/registry-documents.ts";
import { getTemplate, templateMembers, toTemplate } from "./creation-template.ts";
import { operation } from "./operation.ts";

/** What was created by it stays as it is. */
export const deleteRepositoryCreationTemplateOperation = operation(
  "DeleteRepositoryCreationTemplate",
  z.object({ prefix: templateMembers.prefix }),
  ({ caller, core, registry, permits, input }) => {
    permits.onRegistry({ caller, action: "ecr:DeleteRepositoryCreationTemplate" }, registry);
    return core.change(({ sql }) => {
      const template = getTemplate(sql, registry, input.prefix);
      deleteDocument(sql, registry, { kind: "creationTemplate", name: template.prefix });
      return { registryId: registry.account, repositoryCreationTemplate: toTemplate(template) };
    });
  },
);
