import { DescribeImageReplicationStatusCommand, DescribeRegistryCommand } from "@aws-sdk/client-ecr";
import type { ReplicationReader } from "@tallyman/domain/image/ports";
import * as z from "zod";
import { ask, saysNotThere } from "./ask.ts";
import type { EcrClients } from "./ecr-clients.ts";

const Destination = z
  .object({ region: z.string(), registryId: z.string() })
  .transform(({ region, registryId }) => ({ account: registryId, region }));

const DescribedRegistry = z.object({
  replicationConfiguration: z
    .object({
      rules: z.array(
        z
          .object({
            destinations: z.array(Destination),
            // PREFIX_MATCH is the only type. A type that we do not know must not widen the rule, so it is an error.
            repositoryFilters: z
              .array(z.object({ filter: z.string(), filterType: z.literal("PREFIX_MATCH") }))
              .default([]),
          })
          .transform(({ destinations, repositoryFilters }) => ({
            destinations,
            prefixes: repositoryFilters.map(({ filter }) => filter),
          })),
      ),
    })
    .default({ rules: [] }),
});

const DescribedStatus = z.object({
  replicationStatuses: z
    .array(
      z
        .object({
          region: z.string(),
          registryId: z.string(),
          status: z.enum(["IN_PROGRESS", "COMPLETE", "FAILED"]),
          failureCode: z.string().optional(),
        })
        .transform(({ registryId, failureCode, ...rest }) => ({
          account: registryId,
          ...rest,
          ...(failureCode !== undefined && { failureCode }),
        })),
    )
    .default([]),
});

/** Reads a registry's replication rules and what it says of one image's copies. */
export function ecrReplicationReader(clients: EcrClients): ReplicationReader {
  return {
    async replicationRules(registry) {
      const question = { operation: "DescribeRegistry", schema: DescribedRegistry };
      const answer = await ask(registry, question, () =>
        clients(registry).send(new DescribeRegistryCommand({})),
      );
      return answer.replicationConfiguration.rules;
    },
    async replicationStatus(repository, digest) {
      const question = { operation: "DescribeImageReplicationStatus", schema: DescribedStatus };
      const command = new DescribeImageReplicationStatusCommand({
        registryId: repository.account,
        repositoryName: repository.repository,
        imageId: { imageDigest: digest },
      });
      try {
        return (await ask(repository, question, () => clients(repository).send(command))).replicationStatuses;
      } catch (error) {
        // The source no longer has the image, so it has nothing to say; the destination may still have its copy.
        if (saysNotThere(error)) return [];
        throw error;
      }
    },
  };
}
