import { formatLifecyclePolicy } from "@tallyman/domain/lifecycle-policy/lifecycle-policy";
import { parseLifecyclePolicy } from "@tallyman/domain/lifecycle-policy/parse-lifecycle-policy";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type { Change } from "../core/core.ts";
import { createRepository, getRepository } from "../core/repositories.ts";
import type { CreationTemplate } from "../storage/creation-template.ts";
import type { Sql } from "../storage/database.ts";
import { setLifecyclePolicy } from "../storage/lifecycle-policies.ts";
import { findDocument } from "../storage/registry-documents.ts";
import { DEFAULT_SETTINGS, type Repository, setRepositoryPolicy } from "../storage/repositories.ts";

/**
 * Makes the repository that a replica goes to, by the destination's creation template for replication, or with ECR's
 * defaults. A template counts at this moment alone: what is changed of it later changes no repository.
 */
export function createReplicatedRepository(change: Change, ref: RepositoryRef): Repository {
  const { sql, now, switches } = change;
  const template = templateFor(sql, ref);
  if (template === undefined) return createRepository(change, ref, DEFAULT_SETTINGS);
  const { tagMutability, exclusionFilters, encryption, tags } = template;
  const settings = { ...DEFAULT_SETTINGS, tagMutability, exclusionFilters, encryption, tags };
  const { id } = createRepository(change, ref, settings);
  if (template.repositoryPolicy) setRepositoryPolicy(sql, id, template.repositoryPolicy);
  if (template.lifecyclePolicy) {
    const text = formatLifecyclePolicy(parseLifecyclePolicy(template.lifecyclePolicy, switches));
    setLifecyclePolicy(sql, id, { text, at: now.getTime() });
  }
  return getRepository(sql, ref);
}

/** The one with the longest prefix of the name's parts, `a/b` before `a` before `ROOT`. */
function templateFor(sql: Sql, ref: RepositoryRef): CreationTemplate | undefined {
  const parts = ref.repository.split("/");
  const prefixes = parts.map((_, index) => parts.slice(0, parts.length - index).join("/"));
  const names = [...prefixes, "ROOT"];
  const templates = names.map((name) => findDocument(sql, ref, { kind: "creationTemplate", name }));
  return templates.find((template) => template?.appliedFor.includes("REPLICATION"));
}
