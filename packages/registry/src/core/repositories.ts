import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import type { Sql } from "../storage/database.ts";
import { hasImages, listImages } from "../storage/images.ts";
import {
  countRepositories,
  deleteRepository,
  findRepository,
  insertRepository,
  type Repository,
  type RepositorySettings,
} from "../storage/repositories.ts";
import { tagsOf } from "../storage/tags.ts";
import { announceDeletion } from "./announce-deletion.ts";
import type { Change } from "./core.ts";
import { EcrError, repositoryNotFound } from "./errors.ts";

/** The repository; throws RepositoryNotFoundException. */
export function getRepository(sql: Sql, ref: RepositoryRef): Repository {
  const repository = findRepository(sql, ref);
  if (repository === undefined) throw repositoryNotFound(ref);
  return repository;
}

/** Throws RepositoryAlreadyExistsException, also when everything about it is the same, and LimitExceededException. */
export function createRepository(
  change: Change,
  ref: RepositoryRef,
  settings: RepositorySettings,
): Repository {
  if (findRepository(change.sql, ref) !== undefined) {
    throw new EcrError(
      "RepositoryAlreadyExistsException",
      `The repository with name '${ref.repository}' already exists in the registry with id '${ref.account}'`,
    );
  }
  const { maxRepositories } = change.limits;
  if (countRepositories(change.sql, ref) >= maxRepositories) {
    throw new EcrError(
      "LimitExceededException",
      `The registry with id '${ref.account}' already has the maximum allowed number of repositories which is ` +
        `'${maxRepositories}'`,
    );
  }
  insertRepository(change.sql, ref, { createdAt: change.now.getTime(), settings });
  return getRepository(change.sql, ref);
}

/** Removes a repository; one that holds images only by `force`. Of its images events tell only where that is chosen. */
export function removeRepository(change: Change, ref: RepositoryRef, force: boolean): Repository {
  const repository = getRepository(change.sql, ref);
  if (!force && hasImages(change.sql, repository.id)) {
    throw new EcrError(
      "RepositoryNotEmptyException",
      `The repository with name '${ref.repository}' in registry with id '${ref.account}' cannot be deleted because ` +
        "it still contains images",
    );
  }
  if (change.switches.repositoryDeleteEvents) announceImages(change, repository);
  deleteRepository(change.sql, repository.id);
  return repository;
}

function announceImages(change: Change, repository: Repository): void {
  const { sql } = change;
  for (const image of listImages(sql, repository.id, { after: "", limit: Number.MAX_SAFE_INTEGER }))
    announceDeletion(change, repository, { image, tags: tagsOf(sql, repository.id, image.digest) });
}
