import * as z from "zod";
import { getRepository } from "../core/repositories.ts";
import { listRepositories } from "../storage/repositories.ts";
import { maxResults, nextToken, registryId, repositoryName } from "./inputs.ts";
import { operation } from "./operation.ts";
import { toRepository } from "./outputs.ts";
import { readPage, refusePaging } from "./paging.ts";

const Input = z.object({
  registryId,
  repositoryNames: z.array(repositoryName).min(1).max(100).optional(),
  nextToken,
  maxResults,
});

export const describeRepositoriesOperation = operation("DescribeRepositories", Input, (call) => {
  const { core, input, registry, permits, caller } = call;
  const permission = { caller, action: "ecr:DescribeRepositories" } as const;
  const names = input.repositoryNames;
  if (names !== undefined) {
    refusePaging(input, "repositoryNames");
    const refs = names.map((repository) => ({ ...registry, repository }));
    for (const ref of refs) permits.onRepository(permission, ref);
    return { repositories: refs.map((ref) => toRepository(getRepository(core.sql, ref), call.endpoint)) };
  }
  permits.onAllRepositories(permission, registry);
  const page = readPage(
    { ...input, scope: `repositories ${registry.account}` },
    (range) => listRepositories(core.sql, registry, range),
    (repository) => repository.name,
  );
  return {
    repositories: page.items.map((repository) => toRepository(repository, call.endpoint)),
    nextToken: page.nextToken,
  };
});
