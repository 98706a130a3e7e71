import {
  DescribeImageReplicationStatusCommand,
  DescribeRegistryCommand,
  ValidationException,
} from "@aws-sdk/client-ecr";
import type { ReplicationReader } from "@tallyman/domain/image/ports";
import { RegistryUnavailableError } from "@tallyman/domain/registry/errors";
import * as z from "@tallyman/domain/zod";
import { ask, saysNotThere } from "./ask.ts";
import type { EcrClients } from "./ecr-clients.ts";

const DescribedRegistry = z.lazy(() => {
  const text = z.string();
  const Destination = z.pipe(
    z.object({ region: text, registryId: text }),
    z.transform(({ region, registryId }) => ({ account: registryId, region })),
  );
  // PREFIX_MATCH is the only type. A type that we do not know must not widen the rule, so it is an error.
  const Filter = z.object({ filter: text, filterType: z.literal("PREFIX_MATCH") });
  const Rule = z.pipe(
    z.object({ destinations: z.array(Destination), repositoryFilters: z._default(z.array(Filter), []) }),
    z.transform(({ destinations, repositoryFilters }) => ({
      destinations,
      prefixes: repositoryFilters.map(({ filter }) => filter),
    })),
  );
  return z.object({
    replicationConfiguration: z._default(z.object({ rules: z.array(Rule) }), { rules: [] }),
  });
});

const DescribedStatus = z.lazy(() => {
  const text = z.string();
  const Status = z.pipe(
    z.object({
      region: text,
      registryId: text,
      status: z.enum(["IN_PROGRESS", "COMPLETE", "FAILED"]),
      failureCode: z.optional(text),
    }),
    z.transform(({ registryId, failureCode, ...rest }) => ({
      account: registryId,
      ...rest,
      ...(failureCode !== undefined && { failureCode }),
    })),
  );
  return z.object({ replicationStatuses: z._default(z.array(Status), []) });
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
        if (saysNotThere(error) || saysNoneReplicated(error)) return [];
        throw error;
      }
    },
  };
}

/** AWS does not say whether an image that no rule replicated has no statuses or is refused; a refusal would never end. */
function saysNoneReplicated(error: unknown): boolean {
  return error instanceof RegistryUnavailableError && error.cause instanceof ValidationException;
}
