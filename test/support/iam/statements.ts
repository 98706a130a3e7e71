import { declaredRoles } from "@tallyman/cloud/composition/roles";
import { functionPoliciesOf } from "@tallyman/cloud/http-api/function-policies";
import { defaultRegistries } from "@tallyman/cloud/options";
import { busPoliciesOf } from "@tallyman/cloud/topology/buses";
import { queuePoliciesOf } from "@tallyman/cloud/topology/queues";
import { loadTopology, type Topology } from "@tallyman/cloud/topology/topology";
import { committedSnapshots } from "../snapshots.ts";

/** As the snapshots state it: one or many is not made uniform. */
export type Statement = {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Principal?: Readonly<Record<string, string | readonly string[]>>;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
};
type Document = { readonly Version: string; readonly Statement: readonly Statement[] };

/** What a statement becomes in a trial; undefined: it is dropped. */
export type Change = (statement: Statement) => Statement | undefined;

/** One statement of the stacks, wherever they put it: a member's role stands in each account. */
export type Placed = {
  readonly kind: "identity" | "trust" | "resource";
  /** The role's, queue's, bus's or function's name. */
  readonly owner: string;
  readonly index: number;
  /** Its first place's. */
  readonly statement: Statement;
  readonly actions: readonly string[];
  /** Bodies of `POST /_embedded/policy` that put `change` into effect in all places. */
  readonly swaps: (change: Change) => readonly object[];
};

export function list(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "string" ? [value] : value;
}

/** Every statement of both stacks that grants something, of roles, their trust, queues, buses and functions. */
export function statements(): readonly Placed[] {
  const { hub, member } = committedSnapshots();
  const [hubRegistry] = defaultRegistries;
  const topology = loadTopology({ hub, member, hubRegistry, registries: defaultRegistries });
  const places = [...rolePlaces(topology), ...resourcePlaces(topology)];
  const byOwner = Map.groupBy(places, ({ kind, owner }) => `${kind} ${owner}`);
  return [...byOwner.values()].flatMap(placed);
}

/** One policy in one place. */
type Place = Pick<Placed, "kind" | "owner"> & {
  readonly document: Document;
  readonly swap: (document: Document) => object;
};

function placed(places: readonly Place[]): readonly Placed[] {
  const [first] = places;
  if (!first) return [];
  return first.document.Statement.map((statement, index) => ({
    kind: first.kind,
    owner: first.owner,
    index,
    statement,
    actions: list(statement.Action),
    swaps: (change) =>
      places.map(({ document, swap }) =>
        swap({
          ...document,
          Statement: document.Statement.flatMap((each, at) => (at === index ? (change(each) ?? []) : each)),
        }),
      ),
  }));
}

function rolePlaces(topology: Topology): readonly Place[] {
  return declaredRoles(topology).flatMap(
    ({ account, name: owner, assumeRolePolicy, inlinePolicies = [] }) => {
      const role = `arn:aws:iam::${account}:role/${owner}`;
      const identity = inlinePolicies.map(({ name, policy }) => ({
        kind: "identity" as const,
        owner,
        document: policy as Document,
        swap: (document: Document) => ({
          role,
          inlinePolicies: inlinePolicies.map((it) => (it.name === name ? { name, policy: document } : it)),
        }),
      }));
      const trust = {
        kind: "trust" as const,
        owner,
        document: assumeRolePolicy as Document,
        swap: (document: Document) => ({ role, assumeRolePolicy: document }),
      };
      return [...identity, trust];
    },
  );
}

function resourcePlaces(topology: Topology): readonly Place[] {
  const all = [...queuePoliciesOf(topology), ...busPoliciesOf(topology), ...functionPoliciesOf(topology)];
  return all.map(([resource, policy]) => ({
    kind: "resource",
    owner: resource.slice(Math.max(resource.lastIndexOf(":"), resource.lastIndexOf("/")) + 1),
    document: policy as Document,
    swap: (document) => ({ resource, policy: document }),
  }));
}
