import type { Registry } from "@tallyman/domain/registry/registry";
import * as z from "zod";
import type { Core } from "../core/core.ts";
import { EcrError, invalidParameter } from "../core/errors.ts";
import type { CreationTemplate } from "../storage/creation-template.ts";
import type { Sql } from "../storage/database.ts";
import { findDocument } from "../storage/registry-documents.ts";
import { templateEncryptionConfiguration, toEncryption } from "./encryption.ts";
import { parsePolicyText } from "./lifecycle-policy.ts";
import { toTimestamp } from "./outputs.ts";
import { requirePolicyDocument } from "./policy-document.ts";
import { customRoleArn, templatePrefix } from "./pull-through-cache-rule.ts";
import { fromResourceTags, tagList, toResourceTags, withTags } from "./resource-tags.ts";
import {
  fromTagMutability,
  imageTagMutability,
  imageTagMutabilityExclusionFilters,
  toTagMutability,
} from "./tag-mutability.ts";

/** What both create and update take; an empty text takes a policy, a description or a role away. */
export const templateMembers = {
  prefix: templatePrefix,
  description: z.string().max(256).optional(),
  encryptionConfiguration: templateEncryptionConfiguration,
  resourceTags: tagList.optional(),
  imageTagMutability: imageTagMutability.optional(),
  imageTagMutabilityExclusionFilters,
  repositoryPolicy: z.string().max(10_240).optional(),
  lifecyclePolicy: z.string().max(30_720).optional(),
  appliedFor: z.array(z.enum(["REPLICATION", "PULL_THROUGH_CACHE", "CREATE_ON_PUSH"])),
  customRoleArn,
};
const TemplateInput = z.object({ ...templateMembers, appliedFor: templateMembers.appliedFor.optional() });
type TemplateInput = z.infer<typeof TemplateInput>;
type TemplateSettings = Omit<CreationTemplate, "createdAt" | "updatedAt">;

/** Throws TemplateNotFoundException. */
export function getTemplate(sql: Sql, registry: Registry, name: string): CreationTemplate {
  const template = findDocument(sql, registry, { kind: "creationTemplate", name });
  if (template !== undefined) return template;
  throw new EcrError(
    "TemplateNotFoundException",
    `The repository creation template with prefix '${name}' does not exist in the registry with id ` +
      `'${registry.account}'`,
  );
}

/**
 * The settings once `input` was laid over `present`: what is not given stays. Throws InvalidParameterException or the
 * exception of the tags for what no repository could be created with.
 */
export function withInput(
  present: TemplateSettings,
  input: TemplateInput,
  { registry, core }: { readonly registry: Registry; readonly core: Core },
): TemplateSettings {
  const { encryptionConfiguration, resourceTags } = input;
  const settings = {
    prefix: present.prefix,
    appliedFor: input.appliedFor ?? present.appliedFor,
    ...(input.imageTagMutability === undefined
      ? requireNoFilters(input, present)
      : toTagMutability({ ...input, imageTagMutability: input.imageTagMutability })),
    encryption:
      encryptionConfiguration === undefined
        ? present.encryption
        : toEncryption(encryptionConfiguration, registry),
    tags: resourceTags === undefined ? present.tags : withTags([], toResourceTags(resourceTags)),
    description: text(input.description, present.description),
    repositoryPolicy: text(input.repositoryPolicy, present.repositoryPolicy),
    lifecyclePolicy: text(input.lifecyclePolicy, present.lifecyclePolicy),
    customRoleArn: text(input.customRoleArn, present.customRoleArn),
  };
  requireUsable(settings, core);
  return settings;
}

function requireNoFilters(input: TemplateInput, present: TemplateSettings) {
  const { tagMutability, exclusionFilters } = present;
  if (input.imageTagMutabilityExclusionFilters === undefined) return { tagMutability, exclusionFilters };
  return toTagMutability({ ...input, imageTagMutability: tagMutability });
}

function text(given: string | undefined, present: string | undefined): string | undefined {
  return given === undefined ? present : given || undefined;
}

function requireUsable(settings: TemplateSettings, core: Core): void {
  const { repositoryPolicy, lifecyclePolicy, customRoleArn: role } = settings;
  if (repositoryPolicy !== undefined) requirePolicyDocument(core, repositoryPolicy, "repository");
  if (lifecyclePolicy !== undefined) parsePolicyText(lifecyclePolicy, core.switches);
  const needsRole = settings.tags.length > 0 || settings.encryption.encryptionType !== "AES256";
  if (needsRole && role === undefined) {
    throw invalidParameter("customRoleArn", "Member must not be null with resource tags or KMS encryption");
  }
}

/** `RepositoryCreationTemplate` */
export function toTemplate(template: CreationTemplate): object {
  const { encryption, tags, tagMutability, exclusionFilters, createdAt, updatedAt, ...members } = template;
  return {
    ...members,
    encryptionConfiguration: encryption,
    resourceTags: fromResourceTags(tags),
    ...fromTagMutability({ tagMutability, exclusionFilters }),
    createdAt: toTimestamp(createdAt),
    updatedAt: toTimestamp(updatedAt),
  };
}
