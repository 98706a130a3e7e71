// biome-ignore-all lint/suspicious/noTemplateCurlyInString: policy variables look like this
import type { Caller } from "@tallyman/domain/iam-policy/authorize";
import { beforeEach, describe, expect, it } from "vitest";
import { AccountsFile } from "./accounts-file.ts";
import { type Authorizer, createAuthorizer } from "./authorizer.ts";
import { createDenials, type Denials } from "./denials.ts";
import { createIdentity, type Identity } from "./identity.ts";
import { createServiceRoles } from "./service-roles.ts";

const account = "111122223333";
const roleArn = `arn:aws:iam::${account}:role/service/app`;
const admin: Caller = { account, arn: `arn:aws:iam::${account}:user/test` };
const session: Caller = { account, arn: `arn:aws:sts::${account}:assumed-role/app/one` };
const queue = `arn:aws:sqs:us-east-1:${account}:Q`;

let identity: Identity;
let denials: Denials;
let authorizer: Authorizer;

beforeEach(() => {
  const now = () => new Date("2026-03-01T12:00:00Z");
  identity = createIdentity({ now, organizationId: "o-exampleorg" });
  denials = createDenials();
  authorizer = createAuthorizer({ identity, denials });
});

function declareRole(
  statements: readonly object[],
  trusted: object = { Service: "lambda.amazonaws.com" },
  tags: Record<string, string> = {},
): void {
  identity.replaceRole({
    account,
    name: "app",
    path: "/service/",
    tags,
    assumeRolePolicy: {
      Statement: { Effect: "Allow", Principal: trusted, Action: "sts:AssumeRole" },
    },
    inlinePolicies: [{ name: "p", policy: { Version: "2012-10-17", Statement: statements } }],
  });
}

function ask(caller: Caller, more: Partial<Parameters<Authorizer["authorize"]>[0]> = {}) {
  const question = { caller, action: "sqs:SendMessage", resource: queue, resourceAccount: account };
  return authorizer.authorize({ ...question, ...more });
}

const ci: Caller = { account, arn: `arn:aws:iam::${account}:user/ci` };
/** Asks as a user of the accounts file. */
function askAsUser(principal: object, more: Partial<Parameters<Authorizer["authorize"]>[0]> = {}) {
  const whole = { name: "ci", accessKeyId: "AKIACI", secretAccessKey: "s", policies: [], ...principal };
  const accounts = AccountsFile.parse({ accounts: [{ id: account, principals: [whole] }] });
  const known = createIdentity({ now: () => new Date(), accounts });
  const question = { caller: ci, action: "sqs:SendMessage", resource: queue, resourceAccount: account };
  return createAuthorizer({ identity: known, denials }).authorize({ ...question, ...more });
}

const allowSend = { Effect: "Allow", Action: "sqs:SendMessage", Resource: queue };

describe("authorize", () => {
  it("judges a session by its role's policies, and by new ones as soon as they are swapped", () => {
    expect(ask(session).allowed).toBe(false);
    declareRole([allowSend]);
    expect(ask(session)).toEqual({ allowed: true });
    declareRole([{ ...allowSend, Resource: `${queue}2` }]);
    expect(ask(session).allowed).toBe(false);
    declareRole([allowSend]);
    identity.removeRole(account, "app");
    expect(ask(session).allowed).toBe(false);
  });

  it("lets an administrator do everything in the account, and nothing uninvited in another", () => {
    expect(ask(admin)).toEqual({ allowed: true });
    expect(ask(admin, { resourceAccount: "444455556666" }).allowed).toBe(false);
  });

  it("allows nothing to a caller that it does not know", () => {
    expect(ask({ account, arn: `arn:aws:iam::${account}:user/nobody` }).allowed).toBe(false);
  });

  it.each<[string, string, string]>([
    ["aws:PrincipalArn", roleArn, "the role, not the session"],
    ["aws:PrincipalAccount", account, "the account"],
    ["aws:PrincipalOrgID", "o-exampleorg", "the organisation"],
    ["aws:PrincipalType", "AssumedRole", "the type"],
    ["aws:ResourceAccount", account, "the resource's account"],
    ["aws:CurrentTime", "2026-03-01T12:00:00.000Z", "the cloud's time"],
    ["aws:EpochTime", "1772366400", "the cloud's time in seconds"],
    ["aws:PrincipalIsAWSService", "false", "that it is no service"],
    ["aws:SecureTransport", "true", "that the connection counts as secure"],
    ["ecr:ResourceTag/team", "web", "what the service says"],
  ])("knows %s, %j: %s", (key, value) => {
    const Condition = { StringEquals: { [key]: value } };
    declareRole([{ ...allowSend, Condition }]);
    expect(ask(session, { context: { "ecr:resourcetag/team": "web" } })).toEqual({ allowed: true });
    declareRole([{ ...allowSend, Condition: { StringEquals: { [key]: `${value}x` } } }]);
    expect(ask(session, { context: { "ecr:resourcetag/team": "web" } }).allowed).toBe(false);
  });

  it("knows the tags of a role and of a user, in conditions and in variables", () => {
    const Condition = { StringEquals: { "aws:PrincipalTag/Team": "web" } };
    const grant = { ...allowSend, Resource: "arn:aws:sqs:*:*:Q-${aws:PrincipalTag/team}", Condition };
    declareRole([grant], undefined, { Team: "web" });
    expect(ask(session, { resource: `${queue}-web` })).toEqual({ allowed: true });
    expect(ask(session, { resource: `${queue}-app` }).allowed).toBe(false);
    declareRole([grant], undefined, { Team: "app" });
    expect(ask(session, { resource: `${queue}-web` }).allowed).toBe(false);
    const statement = { ...grant, Principal: { AWS: ci.arn } };
    const resourcePolicies = [{ Version: "2012-10-17", Statement: statement }];
    expect(askAsUser({ tags: { team: "web" } }, { resource: `${queue}-web`, resourcePolicies }).allowed).toBe(
      true,
    );
    expect(askAsUser({}, { resource: `${queue}-web`, resourcePolicies }).allowed).toBe(false);
  });

  it("bounds a user by its permissions boundary", () => {
    const policies = [{ Statement: { ...allowSend, Action: "sqs:*" } }];
    const bounded = { policies, permissionsBoundary: { Statement: allowSend } };
    expect(askAsUser(bounded).allowed).toBe(true);
    expect(askAsUser({ policies }, { action: "sqs:DeleteMessage" }).allowed).toBe(true);
    expect(askAsUser(bounded, { action: "sqs:DeleteMessage" })).toMatchObject({
      allowed: false,
      message: expect.stringContaining("because no permissions boundary allows"),
    });
  });

  it("gives a session its role's id and the session's name as user id", () => {
    const Condition = { StringLike: { "aws:userid": "AROA?????????????????:one" } };
    declareRole([{ ...allowSend, Condition }]);
    expect(ask(session)).toEqual({ allowed: true });
  });

  it("does not let a service's context replace who the caller is", () => {
    const Condition = { StringEquals: { "aws:PrincipalAccount": "444455556666" } };
    declareRole([{ ...allowSend, Condition }]);
    expect(ask(session, { context: { "aws:principalaccount": "444455556666" } }).allowed).toBe(false);
  });

  it("judges a service by the resource's policies and the account for which it acts", () => {
    const service = { account, arn: "events.amazonaws.com", service: "events.amazonaws.com" };
    const statement = {
      ...allowSend,
      Principal: { Service: "events.amazonaws.com" },
      Condition: { StringEquals: { "aws:SourceAccount": account } },
    };
    const resourcePolicies = [{ Statement: statement }];
    expect(ask(service, { resourcePolicies })).toEqual({ allowed: true });
    expect(ask({ ...service, account: "444455556666" }, { resourcePolicies }).allowed).toBe(false);
    expect(ask(service).allowed).toBe(false);
  });

  it("judges by the policy that a resource has now, whichever it has read before", () => {
    const service = { account, arn: "events.amazonaws.com", service: "events.amazonaws.com" };
    const policy = (Effect: string) => [
      { Statement: { ...allowSend, Effect, Principal: { Service: "events.amazonaws.com" } } },
    ];
    const [open, shut, broken] = [policy("Allow"), policy("Deny"), [{ Statement: {} }]];
    for (const _ of ["first", "again"]) {
      expect(ask(service, { resourcePolicies: open }).allowed).toBe(true);
      expect(ask(service, { resourcePolicies: shut }).allowed).toBe(false);
      expect(ask(service, { resourcePolicies: [...open, ...shut] }).allowed).toBe(false);
      expect(ask(service, { resourcePolicies: [...open, ...broken] }).allowed).toBe(false);
    }
  });

  it.each([
    ["a resource's policy", { resourcePolicies: [{ Statement: { Effect: "Allow" } }] }, admin],
    ["a session policy", {}, { ...session, sessionPolicies: ["{"] }],
  ])("refuses when %s cannot be read, and says what is wrong", (_name, more, caller) => {
    declareRole([allowSend]);
    expect(ask(caller, more)).toMatchObject({
      allowed: false,
      message: expect.stringMatching(/because a policy cannot be read$/),
    });
    expect(denials.list()[0]?.problems).not.toEqual([]);
  });
});

describe("denials", () => {
  it("are listed and told at once, and nothing else is", () => {
    const heard: string[] = [];
    const stop = denials.onDenial((denial) => heard.push(denial.resource));
    ask(admin);
    ask(session);
    stop();
    ask(session, { resource: `${queue}2` });
    expect(heard).toEqual([queue]);
    expect(denials.list()).toHaveLength(2);
    expect(denials.list()[0]).toEqual({
      at: "2026-03-01T12:00:00.000Z",
      principal: session.arn,
      account,
      action: "sqs:SendMessage",
      resource: queue,
      explicitDeny: false,
      message: `User: ${session.arn} is not authorized to perform: sqs:SendMessage on resource: ${queue} because no identity-based policy allows the sqs:SendMessage action`,
      problems: [],
    });
    denials.clear();
    expect(denials.list()).toEqual([]);
  });

  it("are not what would be refused if it were asked", () => {
    expect(ask(session, { hypothetical: true }).allowed).toBe(false);
    expect(denials.list()).toEqual([]);
  });

  it("are kept up to a limit, the oldest going first", () => {
    const few = createDenials(2);
    const limited = createAuthorizer({ identity, denials: few });
    for (const resource of ["a", "b", "c"])
      limited.authorize({ caller: session, action: "x:Y", resource, resourceAccount: account });
    expect(few.list().map((it) => it.resource)).toEqual(["b", "c"]);
  });
});

describe("a service that acts through a role", () => {
  const assume = (service = "lambda.amazonaws.com", options = {}) =>
    createServiceRoles({ identity, authorizer })(roleArn, service, options);

  it("becomes a session of the role, bounded by its policies", () => {
    declareRole([allowSend]);
    const { caller, credentials } = assume("lambda.amazonaws.com", {
      sessionName: "one",
      durationSeconds: 60,
    });
    expect(caller).toEqual(session);
    expect(ask(caller)).toEqual({ allowed: true });
    expect(ask(caller, { action: "sqs:DeleteMessage" }).allowed).toBe(false);
    expect(credentials.expiration).toEqual(new Date("2026-03-01T12:01:00Z"));
    expect(identity.sessions.clockOf(credentials.sessionToken)).toBe("cloud");
  });

  it("is refused, and the refusal listed, when the role does not trust it", () => {
    declareRole([allowSend]);
    expect(() => assume("scheduler.amazonaws.com")).toThrowError(
      `User: scheduler.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: ${roleArn} because no role trust policy allows the sts:AssumeRole action`,
    );
    expect(denials.list()).toMatchObject([
      { principal: "scheduler.amazonaws.com", action: "sts:AssumeRole" },
    ]);
  });

  it("is held to the source that the trust policy asks for", () => {
    const rule = `arn:aws:events:us-east-1:${account}:rule/R`;
    identity.replaceRole({
      account,
      name: "app",
      path: "/service/",
      assumeRolePolicy: {
        Statement: {
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "sts:AssumeRole",
          Condition: { ArnLike: { "aws:SourceArn": rule }, StringEquals: { "aws:SourceAccount": account } },
        },
      },
    });
    expect(assume("events.amazonaws.com", { sourceArn: rule }).caller.arn).toContain(
      "assumed-role/app/events",
    );
    expect(() => assume("events.amazonaws.com")).toThrowError(/not authorized/);
  });

  it("says when there is no such role", () => {
    expect(() => assume()).toThrowError(expect.objectContaining({ code: "NoSuchEntity" }));
  });
});
