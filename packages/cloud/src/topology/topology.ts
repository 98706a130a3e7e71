import type { Registry } from "@tallyman/domain/registry/registry";
import { knownTypes } from "./known-inputs.ts";
import { resolveTokens } from "./resolve-tokens.ts";
import type { Snapshot } from "./snapshot.ts";
import { TopologyError } from "./topology-error.ts";

/** One stack in one account and Region, its tokens replaced. */
export type Stack = { readonly snapshot: Snapshot; readonly account: string; readonly region: string };

/** One resource of one stack. */
export type Resource = {
  readonly logicalName: string;
  readonly inputs: Snapshot["resources"][string][string];
  readonly account: string;
  readonly region: string;
  readonly stack: string;
};

/** Everything that is deployed: the hub once, the member stack in each registry. */
export type Topology = {
  readonly hub: Registry;
  readonly registries: readonly Registry[];
  readonly stacks: readonly Stack[];
  /** By Pulumi type, hub first. */
  resources(type: string): readonly Resource[];
};

export type TopologyOptions = {
  readonly hub: Snapshot;
  readonly member: Snapshot;
  readonly hubRegistry: Registry;
  readonly registries: readonly Registry[];
};

/** Puts the stacks where they stand; throws a TopologyError for a type or input that this cloud does not know. */
export function loadTopology(options: TopologyOptions): Topology {
  const { hub, member, hubRegistry, registries } = options;
  const problems = [hub, member].flatMap(unknownParts);
  if (problems.length > 0) throw new TopologyError(problems);
  const stacks = [
    { snapshot: resolveTokens(hub, hubRegistry, hubRegistry), ...hubRegistry },
    ...registries.map((registry) => ({
      snapshot: resolveTokens(member, registry, hubRegistry),
      ...registry,
    })),
  ];
  return {
    hub: hubRegistry,
    registries,
    stacks,
    resources: (type) => stacks.flatMap((stack) => resourcesOf(stack, type)),
  };
}

function resourcesOf({ snapshot, account, region }: Stack, type: string): Resource[] {
  return Object.entries(snapshot.resources[type] ?? {}).map(([logicalName, inputs]) => ({
    logicalName,
    inputs,
    account,
    region,
    stack: snapshot.stack,
  }));
}

function unknownParts({ stack, resources }: Snapshot): string[] {
  return Object.entries(resources).flatMap(([type, named]) => {
    const known = Object.hasOwn(knownTypes, type) ? knownTypes[type] : undefined;
    if (!known) return [`${stack}: this cloud does not know the resource type ${type}`];
    const inputs = new Set([...known.executed, ...(known.declared ?? [])]);
    return Object.entries(named).flatMap(([name, given]) =>
      Object.keys(given)
        .filter((input) => !inputs.has(input))
        .map((input) => `${stack}: ${type} ${name} has the input ${input}, which this cloud does not know`),
    );
  });
}
