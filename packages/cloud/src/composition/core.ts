import type { CloudClock } from "../clock/cloud-clock.ts";
import { createClock } from "../clock/create-clock.ts";
import { createTimers, type Timers } from "../clock/timers.ts";
import { createFaults, type SwitchableFaults } from "../faults/create-faults.ts";
import { createWire, type Wire } from "../http/wire.ts";
import type { AccountsFile } from "../identity/accounts-file.ts";
import { type Authorizer, createAuthorizer } from "../identity/authorizer.ts";
import { createDenials, type Denials } from "../identity/denials.ts";
import { createIdentity, type Identity } from "../identity/identity.ts";
import type { RoleDefinition } from "../identity/roles.ts";
import { createServiceCallers, type ServiceCallers } from "../identity/service-callers.ts";
import { type AssumeServiceRole, createServiceRoles } from "../identity/service-roles.ts";
import type { LiveLine, LiveSink } from "../live/live-line.ts";
import type { Organization } from "../organizations/organization.ts";
import type { Topology } from "../topology/topology.ts";
import { type ResourcePolicies, resourcePolicies } from "./policies.ts";
import { restoreRoles, standingRoles } from "./roles.ts";

/** What every part of the cloud needs: who may do what, the time, the faults, and whom to tell. */
export type Core = {
  readonly topology: Topology;
  readonly organization: Organization | undefined;
  readonly clock: CloudClock;
  readonly timers: Timers;
  readonly faults: SwitchableFaults;
  readonly identity: Identity;
  readonly authorizer: Authorizer;
  readonly denials: Denials;
  readonly assumeServiceRole: AssumeServiceRole;
  readonly serviceCallers: ServiceCallers;
  readonly policies: ResourcePolicies;
  readonly roles: readonly RoleDefinition[];
  readonly wire: Wire;
  readonly tell: (line: Omit<LiveLine, "at">) => void;
  /** Errors of ours, which the caller saw as a 500. */
  readonly onError: (error: unknown) => void;
};

export function createCore(
  topology: Topology,
  options: { readonly accounts?: AccountsFile | undefined; readonly live: LiveSink },
): Core {
  const clock = createClock();
  const denials = createDenials();
  const identity = createIdentity({
    now: () => clock.now(),
    ...(options.accounts && { accounts: options.accounts }),
    ...(options.accounts?.organization && { organizationId: options.accounts.organization.id }),
  });
  const authorizer = createAuthorizer({ identity, denials });
  const roles = standingRoles(topology, identity.accounts());
  restoreRoles(identity, roles);
  const tell: Core["tell"] = (line) => options.live({ at: clock.now(), ...line });
  denials.onDenial(({ principal, action, resource, message }) =>
    tell({ level: "warn", source: "denied", message, fields: { principal, action, resource } }),
  );
  return {
    topology,
    organization: options.accounts?.organization,
    clock,
    timers: createTimers(clock),
    faults: createFaults(),
    identity,
    authorizer,
    denials,
    assumeServiceRole: createServiceRoles({ identity, authorizer }),
    serviceCallers: createServiceCallers(),
    policies: resourcePolicies(topology),
    roles,
    wire: createWire(),
    tell,
    onError: (error) => tell({ level: "error", source: "cloud", message: describe(error), fields: {} }),
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
