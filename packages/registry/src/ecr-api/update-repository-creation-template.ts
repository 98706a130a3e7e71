import * as z from "zod";
import { putDocument } from "../storage/registry-documents.ts";
import { getTemplate, templateMembers, toTemplate, withInput } from "./creation-template.ts";
import { operation } from "./operation.ts";

const Input = z.object({ ...templateMembers, appliedFor: templateMembers.appliedFor.optional() });

/** What is not given stays; an empty text takes it away. */
export const updateRepositoryCreationTemplateOperation = operation(
  "UpdateRepositoryCreationTemplate",
  Input,
  ({ caller, core, registry, permits, input }) => {
    permits.onRegistry({ caller, action: "ecr:UpdateRepositoryCreationTemplate" }, registry);
    return core.change(({ sql, now }) => {
      const { createdAt, updatedAt: _, ...present } = getTemplate(sql, registry, input.prefix);
      const value = { ...withInput(present, input, { registry, core }), createdAt, updatedAt: now.getTime() };
      putDocument(sql, registry, { kind: "creationTemplate", name: value.prefix, value });
      return { registryId: registry.account, repositoryCreationTemplate: toTemplate(value) };
    });
  },
);
