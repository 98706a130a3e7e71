import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import type { CloudClock } from "../clock/cloud-clock.ts";
import { createClock } from "../clock/create-clock.ts";
import { createFaults, type SwitchableFaults } from "../faults/create-faults.ts";
import { handleAws } from "../http/aws-border.ts";
import type { AwsService } from "../http/aws-service.ts";
import { type Route, startHttpServer } from "../http/server.ts";
import { createWire, type Wire } from "../http/wire.ts";
import { createAuthorizer } from "../identity/authorizer.ts";
import { createDenials } from "../identity/denials.ts";
import { createIdentity, type Identity } from "../identity/identity.ts";

export const ACCOUNT = "111122223333";
export const REGION = "us-east-1";

export type TestDeps = {
  readonly clock: CloudClock;
  readonly faults: SwitchableFaults;
  readonly identity: Identity;
  readonly authorize: Authorize;
};

export type TestBorder = TestDeps & {
  readonly url: string;
  /** What has come over the wire. */
  readonly wire: Wire;
  /** For a client of any SDK: administrator of the account, or the principal of that name given at the start. */
  client(principal?: string): {
    endpoint: string;
    region: string;
    maxAttempts: number;
    credentials: { accessKeyId: string; secretAccessKey: string };
  };
  stop(): Promise<void>;
};

export type TestPolicies = Readonly<Record<string, Record<string, unknown>>>;

/**
 * Serves services over a loopback socket behind the real border: signatures, policies, faults. `policies` declares
 * principals of the account by name, each with one identity policy.
 */
export async function startTestBorder(
  build: (deps: TestDeps) => { services?: readonly AwsService[]; routes?: readonly Route[] },
  policies: TestPolicies = {},
): Promise<TestBorder> {
  const clock = createClock();
  const faults = createFaults();
  const principals = Object.entries(policies).map(([name, policy]) => ({
    name,
    accessKeyId: `key-${name}`,
    secretAccessKey: `secret-${name}`,
    policies: [policy],
  }));
  const accounts = principals.length === 0 ? {} : { accounts: { accounts: [{ id: ACCOUNT, principals }] } };
  const identity = createIdentity({ now: () => clock.now(), ...accounts });
  const { authorize } = createAuthorizer({ identity, denials: createDenials() });
  const deps = { clock, faults, identity, authorize };
  const { services = [], routes = [] } = build(deps);
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const border = {
    identity,
    services: new Map(services.map((service) => [service.signingName, service])),
    wire: createWire(),
    onError,
  };
  const aws: Route = { matches: () => true, handle: (req, res) => handleAws(border, req, res) };
  const server = await startHttpServer({ port: 0, routes: [...routes, aws], onError });
  return {
    ...deps,
    url: server.url,
    wire: border.wire,
    client: (principal) => ({
      endpoint: server.url,
      region: REGION,
      maxAttempts: 1,
      credentials: principal
        ? { accessKeyId: `key-${principal}`, secretAccessKey: `secret-${principal}` }
        : { accessKeyId: "test", secretAccessKey: "test" },
    }),
    async stop() {
      await server.stop(0);
      if (errors.length > 0) throw new AggregateError(errors, "The border met errors of ours");
    },
  };
}
