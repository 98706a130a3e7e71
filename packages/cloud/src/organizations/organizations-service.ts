import type { Authorize } from "@tallyman/domain/iam-policy/authorize";
import * as z from "zod";
import type { Faults } from "../faults/faults.ts";
import { AwsError, type AwsRequest, type AwsResponse, type AwsService } from "../http/aws-service.ts";
import type { Organization } from "./organization.ts";

export type OrganizationsOptions = {
  /** Undefined: the accounts belong to none. */
  readonly organization: Organization | undefined;
  readonly authorize: Authorize;
  readonly faults: Faults;
};

const TARGET = /^AWSOrganizationsV20161128\./;
/** The largest page, and the one that is given unless asked for less. */
const PAGE = 20;

const ListRequest = z.object({
  ParentId: z.string().max(100),
  NextToken: z.string().max(100_000).optional(),
  MaxResults: z.number().int().min(1).max(PAGE).default(PAGE),
});
type ListRequest = z.infer<typeof ListRequest>;

/** AWS Organizations over AWS JSON 1.1, as far as it lists what a root or a unit holds. */
export function organizationsService(options: OrganizationsOptions): AwsService {
  return {
    signingName: "organizations",
    async handle(request) {
      try {
        return json(200, list(options, request));
      } catch (error) {
        if (!(error instanceof AwsError)) throw error;
        return json(error.status, { __type: error.code, Message: error.message, message: error.message });
      }
    },
  };
}

function list(options: OrganizationsOptions, request: AwsRequest): object {
  const operation = (request.headers["x-amz-target"] ?? "").replace(TARGET, "");
  const fault = options.faults.failure(`organizations:${operation}`);
  if (fault) throw new AwsError(fault.code, "Switched on by /_embedded/faults.", fault.status);
  if (operation === "ListAccountsForParent") {
    const { items, ...next } = pageOf(options, { request, operation }, ({ accounts }) => accounts);
    return { Accounts: items.map(({ organization, item }) => accountView(organization, item)), ...next };
  }
  if (operation === "ListOrganizationalUnitsForParent") {
    const { items, ...next } = pageOf(options, { request, operation }, ({ units }) => units);
    return {
      OrganizationalUnits: items.map(({ organization, item }) => unitView(organization, item)),
      ...next,
    };
  }
  throw new AwsError("UnknownOperationException", `This cloud does not offer organizations:${operation}.`);
}

type Listing<T> = {
  readonly items: readonly { readonly organization: Organization; readonly item: T }[];
  readonly NextToken?: string;
};

function pageOf<T extends { readonly parent: string }>(
  options: OrganizationsOptions,
  call: { readonly request: AwsRequest; readonly operation: string },
  all: (organization: Organization) => readonly T[],
): Listing<T> {
  const { ParentId, NextToken, MaxResults } = parse(call.request);
  const organization = permitted(options, { ...call, parent: ParentId });
  const parents = [organization.root, ...organization.units.map(({ id }) => id)];
  if (!parents.includes(ParentId))
    throw new AwsError("ParentNotFoundException", "You specified parent that doesn't exist.");
  const from = offsetOf(NextToken, ParentId);
  const held = all(organization).filter(({ parent }) => parent === ParentId);
  const items = held.slice(from, from + MaxResults).map((item) => ({ organization, item }));
  const end = from + MaxResults;
  return end < held.length ? { items, NextToken: tokenOf(end, ParentId) } : { items };
}

/** Only the organisation's management account may ask, and there whom IAM lets. */
function permitted(
  { organization, authorize }: OrganizationsOptions,
  { request, operation, parent }: { request: AwsRequest; operation: string; parent: string },
): Organization {
  if (!organization)
    throw new AwsError(
      "AWSOrganizationsNotInUseException",
      "Your account is not a member of an organization.",
    );
  const { id, managementAccount } = organization;
  const type = parent.startsWith("r-") ? "root" : "ou";
  const decision = authorize({
    caller: request.caller,
    action: `organizations:${operation}`,
    resource: `arn:aws:organizations::${managementAccount}:${type}/${id}/${parent}`,
    resourceAccount: request.account,
  });
  if (!decision.allowed) throw new AwsError("AccessDeniedException", decision.message);
  if (request.account !== managementAccount)
    throw new AwsError("AccessDeniedException", "You don't have permissions to access this resource.");
  return organization;
}

function parse({ body }: AwsRequest): ListRequest {
  const parsed = ListRequest.safeParse(jsonOf(body));
  if (parsed.success) return parsed.data;
  throw new AwsError("InvalidInputException", z.prettifyError(parsed.error));
}

function tokenOf(offset: number, parent: string): string {
  return Buffer.from(JSON.stringify([offset, parent])).toString("base64url");
}

function offsetOf(token: string | undefined, parent: string): number {
  if (token === undefined) return 0;
  const parsed = z
    .tuple([z.number().int().positive(), z.literal(parent)])
    .safeParse(jsonOf(Buffer.from(token, "base64url")));
  if (parsed.success) return parsed.data[0];
  throw new AwsError("InvalidInputException", "You provided a value for NextToken that isn't valid.");
}

function accountView(
  { id, managementAccount }: Organization,
  account: Organization["accounts"][number],
): object {
  return {
    Id: account.id,
    Arn: `arn:aws:organizations::${managementAccount}:account/${id}/${account.id}`,
    Email: `${account.id}@example.com`,
    Name: account.name,
    State: account.state,
    JoinedMethod: "CREATED",
    JoinedTimestamp: 1_700_000_000,
  };
}

function unitView({ id, managementAccount }: Organization, unit: Organization["units"][number]): object {
  return {
    Id: unit.id,
    Arn: `arn:aws:organizations::${managementAccount}:ou/${id}/${unit.id}`,
    Name: unit.name,
  };
}

function jsonOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return undefined;
  }
}

function json(status: number, body: unknown): AwsResponse {
  return { status, headers: { "content-type": "application/x-amz-json-1.1" }, body: JSON.stringify(body) };
}
