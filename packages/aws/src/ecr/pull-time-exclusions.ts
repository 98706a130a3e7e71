import {
  ExclusionAlreadyExistsException,
  ListPullTimeUpdateExclusionsCommand,
  RegisterPullTimeUpdateExclusionCommand,
} from "@aws-sdk/client-ecr";
import { withBrake } from "@tallyman/domain/brake/with-brake";
import type { BrakeStore } from "@tallyman/domain/inventory/ports";
import type { PullTimeExclusions } from "@tallyman/domain/registry/ports";
import type { Registry } from "@tallyman/domain/registry/registry";
import * as z from "@tallyman/domain/zod";
import { ask } from "./ask.ts";
import type { EcrClients } from "./ecr-clients.ts";

const Listed = z.lazy(() =>
  z.object({
    pullTimeUpdateExclusions: z._default(z.array(z.string()), []),
    nextToken: z.optional(z.string()),
  }),
);

/** Asks a registry whether it leaves the reads of its account's role `roleName` out of `lastRecordedPullTime`. */
export async function isPullTimeExclusion(
  clients: EcrClients,
  registry: Registry,
  roleName: string,
): Promise<boolean> {
  const question = { operation: "ListPullTimeUpdateExclusions", schema: Listed };
  let nextToken: string | undefined;
  // The SDK has no paginator for this operation.
  do {
    const command = new ListPullTimeUpdateExclusionsCommand({ maxResults: 100, nextToken });
    const page = await ask(registry, question, () => clients(registry).send(command));
    if (page.pullTimeUpdateExclusions.includes(arnOf(registry, roleName))) return true;
    nextToken = page.nextToken;
  } while (nextToken);
  return false;
}

export type ExclusionClients = {
  readonly reader: EcrClients;
  readonly writer: EcrClients;
  /** Read right before each registration: it is a write to a registry. */
  readonly brake: BrakeStore;
  /** The role whose reads must not count: `tallyman-reader`. */
  readonly readerRoleName: string;
};

/** Asks with the reader and registers with the writer; `register` throws BrakeOnError while the brake is on. */
export function ecrPullTimeExclusions(clients: ExclusionClients): PullTimeExclusions {
  const { reader, writer, brake, readerRoleName } = clients;
  return {
    isRegistered: (registry) => isPullTimeExclusion(reader, registry, readerRoleName),
    register: (registry) =>
      withBrake(brake, async () => {
        const command = new RegisterPullTimeUpdateExclusionCommand({
          principalArn: arnOf(registry, readerRoleName),
        });
        const question = { operation: "RegisterPullTimeUpdateExclusion", schema: z.unknown() };
        await ask(registry, question, () => writer(registry).send(command).catch(unlessThere));
      }),
  };
}

function unlessThere(error: unknown): void {
  if (!(error instanceof ExclusionAlreadyExistsException)) throw error;
}

function arnOf(registry: Registry, roleName: string): string {
  return `arn:aws:iam::${registry.account}:role/${roleName}`;
}
