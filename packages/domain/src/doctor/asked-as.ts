import type { RegistryHost } from "../registry/registry-host.ts";
import type { RepositoryRef } from "../registry/repository.ts";
import type { KnownContext } from "./doubt.ts";
import type { Place, RoleFacts } from "./facts.ts";
import type { JudgedAccess } from "./judge-access.ts";
import type { Looked } from "./looked.ts";

type Tags = Readonly<Record<string, string>>;
type Asked = Pick<JudgedAccess, "question" | "known">;

/** Keys that a call with a role's credentials never has: they are set by services that act for somebody, or by users. */
const NEVER_OF_A_ROLE = [
  "aws:calledvia",
  "aws:calledviafirst",
  "aws:calledvialast",
  "aws:multifactorauthage",
  "aws:multifactorauthpresent",
  "aws:principalservicename",
  "aws:principalservicenameslist",
  "aws:principaltag/",
  "aws:sourceaccount",
  "aws:sourcearn",
  "aws:sourceorgid",
  "aws:sourceorgpaths",
  "aws:username",
  "sts:externalid",
];

const RESOURCE_TAGS = ["ecr:resourcetag", "aws:resourcetag"];

/** ARN of a repository in the partition of whoever asks: no request leaves its own. */
export function arnOfRepository(ref: RepositoryRef, partition: Place["partition"]): string {
  return `arn:${partition}:ecr:${ref.region}:${ref.account}:repository/${ref.repository}`;
}

/** The partition of a host name; the embedded cloud's ARNs are those of `aws`. */
export function partitionOf({ partition }: RegistryHost): Place["partition"] {
  return partition === "local" ? "aws" : partition;
}

/** `action` by a session of the role, on a repository, or on nothing in particular (`*`). */
export function askedAsRole(
  role: Pick<RoleFacts, "arn" | "name" | "tags">,
  action: string,
  on: { readonly repository: RepositoryRef; readonly tags?: Looked<Tags> } | { readonly region: string },
): Asked {
  const { partition, account } = splitArn(role.arn);
  const repository = "repository" in on ? on.repository : undefined;
  const resourceAccount = repository?.account ?? account;
  const seenTags = "tags" in on && on.tags !== undefined && "seen" in on.tags ? on.tags.seen : undefined;
  return {
    question: {
      caller: { account, arn: `arn:${partition}:sts::${account}:assumed-role/${role.name}/task` },
      roleArn: role.arn,
      action,
      resource: repository ? arnOfRepository(repository, partition) : "*",
      resourceAccount,
    },
    known: {
      values: {
        "aws:principalaccount": account,
        "aws:principalarn": role.arn,
        "aws:principalisawsservice": "false",
        "aws:principaltype": "AssumedRole",
        "aws:requestedregion": "region" in on ? on.region : on.repository.region,
        "aws:resourceaccount": resourceAccount,
        "aws:securetransport": "true",
        "aws:viaawsservice": "false",
        ...tagKeys(["aws:principaltag"], role.tags),
        ...tagKeys(RESOURCE_TAGS, seenTags ?? {}),
      },
      absent: [
        ...NEVER_OF_A_ROLE,
        ...(seenTags !== undefined || !repository ? RESOURCE_TAGS.map((it) => `${it}/`) : []),
      ],
    },
  };
}

/** `action` by a service that acts for a resource (`sourceArn`) of an account. */
export function askedAsService(
  service: string,
  action: string,
  on: {
    readonly resource: string;
    readonly account: string;
    readonly sourceAccount: string;
    /** Absent: it is not known what the service names. */
    readonly sourceArn?: string;
  },
): Asked {
  const { resource, account, sourceArn, sourceAccount } = on;
  return {
    question: {
      caller: { account: sourceAccount, arn: service, service },
      action,
      resource,
      resourceAccount: account,
    },
    known: {
      values: {
        "aws:principalisawsservice": "true",
        "aws:principalservicename": service,
        "aws:securetransport": "true",
        ...(sourceArn !== undefined && { "aws:sourceaccount": sourceAccount, "aws:sourcearn": sourceArn }),
      },
      // Without it nothing is said of its absence: some services name what they act for, and do not document it.
      absent: ["aws:principaltag/", "sts:externalid"],
    },
  };
}

export function splitArn(arn: string): { readonly partition: Place["partition"]; readonly account: string } {
  const [, partition = "aws", , , account = ""] = arn.split(":");
  return { partition: partition as Place["partition"], account };
}

function tagKeys(prefixes: readonly string[], tags: Tags): KnownContext["values"] {
  const keys = Object.entries(tags).flatMap(([key, value]) =>
    prefixes.map((prefix) => [`${prefix}/${key.toLowerCase()}`, value]),
  );
  return Object.fromEntries(keys);
}
