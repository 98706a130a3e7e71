import { repositoryArn } from "@tallyman/domain/registry/repository";
import * as z from "zod";
import { scanningOf } from "../core/scanning.ts";
import { findRepository } from "../storage/repositories.ts";
import { repositoryName } from "./inputs.ts";
import { operation } from "./operation.ts";
import { scanningConfiguration } from "./registry-scanning.ts";

const Input = z.object({ repositoryNames: z.array(repositoryName).min(1).max(25) });

/** Of each repository, as the registry's rules apply to it; one that is not there is a failure of its own. */
export const batchGetRepositoryScanningConfigurationOperation = operation(
  "BatchGetRepositoryScanningConfiguration",
  Input,
  ({ caller, core, registry, permits, input }) => {
    const refs = [...new Set(input.repositoryNames)].map((repository) => ({ ...registry, repository }));
    for (const ref of refs) {
      permits.onRepository({ caller, action: "ecr:BatchGetRepositoryScanningConfiguration" }, ref);
    }
    const configuration = scanningConfiguration(core.sql, registry);
    const found = refs.map((ref) => ({ ref, repository: findRepository(core.sql, ref) }));
    return {
      scanningConfigurations: found.flatMap(({ ref, repository }) => {
        if (repository === undefined) return [];
        const named = { repositoryArn: repositoryArn(ref), repositoryName: ref.repository };
        return [{ ...named, ...scanningOf(configuration, repository) }];
      }),
      failures: found
        .filter(({ repository }) => repository === undefined)
        .map(({ ref }) => ({
          repositoryName: ref.repository,
          failureCode: "REPOSITORY_NOT_FOUND",
          failureReason:
            `The repository with name '${ref.repository}' does not exist in the registry with id ` +
            `'${ref.account}'`,
        })),
    };
  },
);
