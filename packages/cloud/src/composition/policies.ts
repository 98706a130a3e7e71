import { functionPoliciesOf } from "../http-api/function-policies.ts";
import { busPoliciesOf } from "../topology/buses.ts";
import { queuePoliciesOf } from "../topology/queues.ts";
import type { Topology } from "../topology/topology.ts";

/** Policies attached to queues, buses and functions, by ARN. They can be swapped while the cloud runs. */
export type ResourcePolicies = {
  /** None or one. */
  of(arn: string): readonly unknown[];
  /** Undefined takes the policy away. */
  set(arn: string, policy: unknown): void;
  /** As the stacks say. */
  restore(): void;
};

export function resourcePolicies(topology: Topology): ResourcePolicies {
  const declared = new Map([
    ...queuePoliciesOf(topology),
    ...busPoliciesOf(topology),
    ...functionPoliciesOf(topology),
  ]);
  let current = new Map(declared);
  return {
    of: (arn) => (current.has(arn) ? [current.get(arn)] : []),
    set(arn, policy) {
      if (policy === undefined) current.delete(arn);
      else current.set(arn, policy);
    },
    restore() {
      current = new Map(declared);
    },
  };
}
