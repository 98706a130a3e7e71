import { AccountId } from "@tallyman/domain/registry/registry";
import * as z from "zod";
import type { ReplicationRule } from "../storage/registry-settings.ts";

/** `ReplicationConfiguration` as it travels, with the bounds of the service model. */
export const ReplicationConfiguration = z.object({
  rules: z
    .array(
      z.object({
        destinations: z
          .array(
            z.object({
              region: z
                .string()
                .min(2)
                .max(25)
                .regex(/^[0-9a-z-]{2,25}$/),
              registryId: AccountId,
            }),
          )
          .max(100),
        repositoryFilters: z
          .array(
            z.object({
              filter: z
                .string()
                .min(2)
                .max(256)
                .regex(/^(?:[a-z0-9]+(?:[._-][a-z0-9]*)*\/)*[a-z0-9]*(?:[._-][a-z0-9]*)*$/),
              filterType: z.literal("PREFIX_MATCH"),
            }),
          )
          .min(1)
          .max(100)
          .optional(),
      }),
    )
    .max(25),
});
export type ReplicationConfiguration = z.infer<typeof ReplicationConfiguration>;

export function toRules(configuration: ReplicationConfiguration): readonly ReplicationRule[] {
  return configuration.rules.map((rule) => ({
    destinations: rule.destinations.map(({ registryId, region }) => ({ account: registryId, region })),
    prefixes: (rule.repositoryFilters ?? []).map(({ filter }) => filter),
  }));
}

export function toReplicationConfiguration(rules: readonly ReplicationRule[]): ReplicationConfiguration {
  return {
    rules: rules.map(({ destinations, prefixes }) => ({
      destinations: destinations.map(({ account, region }) => ({ region, registryId: account })),
      ...(prefixes.length === 0
        ? {}
        : { repositoryFilters: prefixes.map((filter) => ({ filter, filterType: "PREFIX_MATCH" as const })) }),
    })),
  };
}
