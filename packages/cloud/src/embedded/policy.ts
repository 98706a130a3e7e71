import * as z from "zod";
import type { Core } from "../composition/core.ts";
import { restoreRoles } from "../composition/roles.ts";
import type { EventSourceMappings } from "../mappings/event-source-mappings.ts";
import { ControlError } from "./control.ts";

const Document = z.record(z.string(), z.json());

/** `POST /_embedded/policy`: what is not given of a role stays as its stack, or the call that made it, says; `{"restore": true}` brings the stacks' back. */
const PolicySwap = z.union([
  z.strictObject({ restore: z.literal(true) }),
  z.strictObject({
    role: z.string().regex(/^arn:aws:iam::\d{12}:role\//, "an IAM role's ARN"),
    assumeRolePolicy: Document.optional(),
    inlinePolicies: z.array(z.strictObject({ name: z.string(), policy: Document })).optional(),
    managedPolicyArns: z.array(z.string()).optional(),
  }),
  /** Of a queue, a bus or a function; null takes it away. */
  z.strictObject({
    resource: z.string().regex(/^arn:aws:(sqs|events|lambda):/),
    policy: Document.nullable(),
  }),
]);

/** Swaps policies in the running cloud, for trying out what a permission is needed for. */
export function swapPolicy(core: Core, mappings: EventSourceMappings, body: unknown): object {
  const swap = PolicySwap.parse(body);
  if ("restore" in swap) {
    restoreRoles(core.identity, core.roles);
    core.policies.restore();
  } else if ("role" in swap) swapRole(core, swap);
  else core.policies.set(swap.resource, swap.policy ?? undefined);
  mappings.permissionsChanged();
  return { swapped: true };
}

function swapRole(
  { identity, roles }: Core,
  { role: arn, ...given }: Extract<z.infer<typeof PolicySwap>, { readonly role: string }>,
): void {
  const role = identity.findRoleByArn(arn);
  if (!role) throw new ControlError(404, `There is no role ${arn}.`);
  const declared = roles.find((one) => one.account === role.account && one.name === role.name);
  identity.replaceRole({ ...(declared ?? role.definition), ...withoutUndefined(given) });
}

function withoutUndefined<Given extends object>(
  given: Given,
): { [Key in keyof Given]?: Exclude<Given[Key], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Given]?: Exclude<Given[Key], undefined>;
  };
}
