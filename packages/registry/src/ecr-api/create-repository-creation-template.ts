import * as z from "zod";
import { EcrError } from "../core/errors.ts";
import { findDocument, putDocument } from "../storage/registry-documents.ts";
import { DEFAULT_SETTINGS } from "../storage/repositories.ts";
import { templateMembers, toTemplate, withInput } from "./creation-template.ts";
import { operation } from "./operation.ts";

/** Kept and answered; replication follows it, pushes and pull-through cache create no repositories yet. */
export const createRepositoryCreationTemplateOperation = operation(
  "CreateRepositoryCreationTemplate",
  z.object(templateMembers),
  ({ caller, core, registry, permits, input }) => {
    permits.onRegistry({ caller, action: "ecr:CreateRepositoryCreationTemplate" }, registry);
    const { prefix: name, appliedFor } = input;
    const { scanOnPush: _, ...defaults } = DEFAULT_SETTINGS;
    const settings = withInput({ ...defaults, prefix: name, appliedFor }, input, { registry, core });
    return core.change(({ sql, now }) => {
      if (findDocument(sql, registry, { kind: "creationTemplate", name }) !== undefined) {
        throw new EcrError(
          "TemplateAlreadyExistsException",
          `The repository creation template with prefix '${name}' already exists in the registry with id ` +
            `'${registry.account}'`,
        );
      }
      const value = { ...settings, createdAt: now.getTime(), updatedAt: now.getTime() };
      putDocument(sql, registry, { kind: "creationTemplate", name, value });
      return { registryId: registry.account, repositoryCreationTemplate: toTemplate(value) };
    });
  },
);
