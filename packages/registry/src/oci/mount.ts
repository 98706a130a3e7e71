import { isDeepStrictEqual } from "node:util";
import { RepositoryName } from "@tallyman/domain/registry/repository";
import { EcrError } from "../core/errors.ts";
import { getRepository } from "../core/repositories.ts";
import { getAccountSetting } from "../storage/account-settings.ts";
import type { Sql } from "../storage/database.ts";
import { findLayer, findLayerState, insertLayer, type Layer } from "../storage/layers.ts";
import { listDocuments, prefixKey } from "../storage/registry-documents.ts";
import { findRepository, type Repository } from "../storage/repositories.ts";
import type { RepositoryExchange } from "./exchange.ts";

/**
 * Makes a layer of another repository of this registry one of this repository's, without its bytes: when the account has
 * BLOB_MOUNTING on, the caller may read layers there, both repositories are encrypted alike, neither is one of a pull-through
 * cache, and an active image there has it. `false` if any of it is not so: the client then uploads the layer as if it had not asked, and learns nothing about
 * the other repository.
 *
 * Throws RepositoryNotFoundException for the repository to mount into.
 */
export function mountLayer(exchange: RepositoryExchange, digest: string): boolean {
  const { core, repository } = exchange;
  const target = getRepository(core.sql, repository);
  if (getAccountSetting(core.sql, repository, "BLOB_MOUNTING") !== "ENABLED") return false;
  const source = readableSource(exchange);
  const layer = source === undefined ? undefined : mountable(exchange, { source, target, digest });
  if (layer === undefined) return false;
  core.change(({ sql, now }) => insertLayer(sql, target.id, { ...layer, uploadedAt: now.getTime() }));
  core.leases.renew(target.id, digest);
  return true;
}

/** The repository that `from` names, if the caller may read layers there. */
function readableSource({
  core,
  permits,
  query,
  repository,
  caller,
}: RepositoryExchange): Repository | undefined {
  const from = RepositoryName.safeParse(query.get("from")).data;
  if (from === undefined) return undefined;
  const ref = { ...repository, repository: from };
  try {
    permits.onRepository({ caller, action: "ecr:GetDownloadUrlForLayer" }, ref);
  } catch (error) {
    if (error instanceof EcrError && error.code === "AccessDeniedException") return undefined;
    throw error;
  }
  return findRepository(core.sql, ref);
}

function mountable(
  { core }: RepositoryExchange,
  { source, target, digest }: { source: Repository; target: Repository; digest: string },
): Layer | undefined {
  if (!isDeepStrictEqual(source.settings.encryption, target.settings.encryption)) return undefined;
  if (isCache(core.sql, source) || isCache(core.sql, target)) return undefined;
  if (findLayerState(core.sql, source.id, digest) !== "active") return undefined;
  return findLayer(core.sql, source.id, digest);
}

/** More rules than a registry may have. */
const ALL_RULES = 1000;

/** Does the repository lie below the prefix of a pull-through cache rule? A rule for ROOT tells nothing of any one. */
function isCache(sql: Sql, repository: Repository): boolean {
  const rules = listDocuments(sql, repository, { kind: "pullThroughCacheRule", after: "", limit: ALL_RULES });
  return rules.some((rule) => repository.name.startsWith(`${prefixKey(rule.ecrRepositoryPrefix)}/`));
}
