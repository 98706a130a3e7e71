import {
  type Account,
  type OrganizationalUnit,
  OrganizationsClient,
  OrganizationsServiceException,
  paginateListAccountsForParent,
  paginateListOrganizationalUnitsForParent,
} from "@aws-sdk/client-organizations";
import type { ResolvedUnit } from "@tallyman/domain/registry/registries-file";
import type { Credentials } from "../api/credentials.ts";
import { CommandError } from "../errors.ts";

export type OrganizationOptions = {
  readonly credentials: () => Promise<Credentials>;
  /** Another place than AWS (`AWS_ENDPOINT_URL_ORGANIZATIONS`). */
  readonly endpoint?: string | undefined;
  /** Hears how far it is. */
  readonly progress: (text: string) => void;
};

/** Organizations has one endpoint for all commercial Regions; the SDK finds it from any of them. */
const REGION = "us-east-1";

/** Organizations gives 20 in a page, and throttles early: calls are one after the other and patient. */
const ATTEMPTS = 10;

/**
 * The active accounts of each unit or root, those of the units below it too, by id. Throws a CommandError that says what
 * is missing.
 */
export async function accountsOfUnits(
  ids: readonly string[],
  options: OrganizationOptions,
): Promise<readonly ResolvedUnit[]> {
  const client = new OrganizationsClient({
    region: REGION,
    credentials: options.credentials,
    maxAttempts: ATTEMPTS,
    ...(options.endpoint !== undefined && { endpoint: options.endpoint }),
  });
  try {
    const units: ResolvedUnit[] = [];
    for (const id of ids) units.push({ id, accounts: await accountsBelow(client, id, options.progress) });
    return units;
  } finally {
    client.destroy();
  }
}

async function accountsBelow(
  client: OrganizationsClient,
  root: string,
  progress: OrganizationOptions["progress"],
): Promise<ResolvedUnit["accounts"]> {
  const accounts: { id: string; name: string }[] = [];
  const parents = [root];
  // Grows while it is walked: the units below follow the one they are in.
  for (const parent of parents) {
    progress(`${root}: ${accounts.length} accounts, ${parents.length} units ...`);
    for await (const account of accountsOf(client, parent))
      if (isActive(account)) accounts.push({ id: account.Id ?? "", name: account.Name ?? "" });
    for await (const { Id } of unitsOf(client, parent)) if (Id !== undefined) parents.push(Id);
  }
  return accounts.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** `Status` is what `State` replaces: it was to be retired in September 2026. */
function isActive({ State, Status }: Account): boolean {
  return (State ?? Status) === "ACTIVE";
}

async function* accountsOf(client: OrganizationsClient, ParentId: string): AsyncIterable<Account> {
  const pages = paginateListAccountsForParent({ client }, { ParentId });
  for await (const page of explained(ParentId, pages)) yield* page.Accounts ?? [];
}

async function* unitsOf(client: OrganizationsClient, ParentId: string): AsyncIterable<OrganizationalUnit> {
  const pages = paginateListOrganizationalUnitsForParent({ client }, { ParentId });
  for await (const page of explained(ParentId, pages)) yield* page.OrganizationalUnits ?? [];
}

async function* explained<T>(parent: string, pages: AsyncIterable<T>): AsyncIterable<T> {
  try {
    yield* pages;
  } catch (cause) {
    if (cause instanceof CommandError) throw cause;
    throw new CommandError(explain(parent, cause), { cause });
  }
}

const REMEDIES: Readonly<Record<string, string>> = {
  AccessDeniedException:
    "Use credentials of the organisation's management account, or of a delegated administrator, that may organizations:ListAccountsForParent and organizations:ListOrganizationalUnitsForParent.",
  ParentNotFoundException: "Check the id in tallyman.registries.yaml: this organisation has no such unit.",
  AWSOrganizationsNotInUseException: "Use credentials of the organisation's management account.",
  TooManyRequestsException: "Organizations is throttling; try again in a minute.",
};

function explain(parent: string, cause: unknown): string {
  const name = cause instanceof Error ? cause.name : "Error";
  const said = cause instanceof Error ? cause.message : String(cause);
  const remedy = REMEDIES[name] ?? "Try again.";
  const who = cause instanceof OrganizationsServiceException ? "AWS Organizations answered" : "Failed:";
  return `${parent} could not be listed. ${who} ${name} (${said}). ${remedy}`;
}
