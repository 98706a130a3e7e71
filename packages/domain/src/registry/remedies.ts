import { ENABLED_WITH_READS, type ForwardingRule } from "./forwarding-rules.ts";
import type { ProbeFailedError } from "./probe.ts";
import { type Registry, registryName } from "./registry.ts";

export type Place = {
  readonly registry: Registry;
  /** The registry whose member stack carries the account's roles. */
  readonly rolesAt: Registry;
};

/** A forwarding rule that does not do its work; `disabled`: that is all. */
export type BrokenRule = { readonly rule: ForwardingRule; readonly disabled: boolean };

export function reachableRemedy(place: Place, problem: ProbeFailedError): string {
  if (problem.refused) return askableRemedy(place);
  const { region } = place.registry;
  return `Check again in a few minutes. If it stays so, see the AWS Health Dashboard for Amazon ECR in ${region}.`;
}

/** The reader is there and may not ask, or something failed on the way. */
export function askableRemedy({ rolesAt }: Place): string {
  return `Check again. If it stays so, deploy the member stack that carries the account's roles: ${deploy(rolesAt)}`;
}

export function roleRemedy({ rolesAt }: Place, role: string): string {
  return `Deploy the member stack that carries ${role}, with the hub's external id: ${deploy(rolesAt)}`;
}

export function exclusionRemedy({ registry }: Place): string {
  return `Run "tallyman resume" if the control plane is paused: the next daily reconcile (or "tallyman reconcile" now) registers it. Or deploy the member stack: ${deploy(registry)}`;
}

export function forwardingRemedy({ registry }: Place, broken: readonly BrokenRule[]): string {
  // EnableRule would leave out the calls that only read: such a rule's state has to be deployed.
  const enabling = broken.every(({ disabled, rule }) => disabled && rule.state !== ENABLED_WITH_READS);
  if (!enabling) return `Deploy the member stack: ${deploy(registry)}`;
  const commands = broken.map(
    ({ rule }) => `aws events enable-rule --name ${rule.name} --region ${registry.region}`,
  );
  return `With credentials of account ${registry.account}: ${commands.join(" && ")}`;
}

/** What was changed outside of the deployment is only seen after a refresh. */
function deploy(registry: Registry): string {
  const variables = `TALLYMAN_TARGET=member TALLYMAN_REGISTRY=${registryName(registry)}`;
  return `export ${variables}; npx sst refresh --stage production && npx sst deploy --stage production`;
}
