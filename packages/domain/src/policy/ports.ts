import type { Policy } from "./policy.ts";

/**
 * The policy in force. At most a minute old: a change takes effect without a deployment. Throws when it cannot be read
 * or is not a policy: nothing is judged by half a policy, the message comes back.
 */
export type PolicySource = { currentPolicy(): Promise<Policy> };
