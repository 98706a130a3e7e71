import { describe, expect, it } from "vitest";
import { AccountsFile } from "./accounts-file.ts";
import { createIdentity } from "./identity.ts";

const now = () => new Date("2026-03-01T12:00:00Z");
const readOnly = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly";

function file(principal: object) {
  const whole = { name: "ci", accessKeyId: "AKIACI", secretAccessKey: "secret", policies: [] };
  return { accounts: [{ id: "777788889999", principals: [{ ...whole, ...principal }] }] };
}

describe("createIdentity", () => {
  it("has an administrator in each of the two accounts", () => {
    const identity = createIdentity({ now });
    expect(identity.accounts()).toEqual(["111122223333", "444455556666"]);
    expect(identity.findAccessKey("test")).toMatchObject({
      secretAccessKey: "test",
      user: { arn: "arn:aws:iam::111122223333:user/test" },
    });
    expect(identity.findAccessKey("test2")?.user.account).toBe("444455556666");
    expect(identity.findAccessKey("test3")).toBeUndefined();
  });

  it("adds the accounts of the file, with documents and managed policies", () => {
    const policy = { Statement: { Effect: "Allow", Action: "ecr:*", Resource: "*" } };
    const accounts = AccountsFile.parse(file({ policies: [readOnly, policy] }));
    const identity = createIdentity({ now, accounts });
    expect(identity.accounts()).toContain("777788889999");
    const names = identity.findAccessKey("AKIACI")?.user.policies.map((it) => it.name);
    expect(names).toEqual([readOnly, "ci-1"]);
  });

  it.each([
    ["an unknown key", { role: "x" }, /Unrecognized key/],
    ["a key id that sessions use", { accessKeyId: "ASIAXYZ" }, /not starting with ASIA/],
    ["a bad name", { name: "a/b" }, /a user name has/],
  ])("refuses %s in the file", (_name, principal, message) => {
    expect(() => AccountsFile.parse(file(principal))).toThrowError(message);
  });

  it.each([
    ["a key that is taken", { accessKeyId: "test" }, /Two principals have the access key test/],
    ["an unknown managed policy", { policies: ["arn:aws:iam::aws:policy/X"] }, /is not known here/],
    ["a malformed policy", { policies: [{ Statement: { Effect: "Allow" } }] }, /needs exactly one of Action/],
  ])("refuses %s", (_name, principal, message) => {
    const accounts = AccountsFile.parse(file(principal));
    expect(() => createIdentity({ now, accounts })).toThrowError(message);
  });

  it("refuses two principals of one name", () => {
    const { accounts } = file({});
    const again = file({ accessKeyId: "AKIAOTHER" }).accounts;
    const twice = { accounts: [...accounts, ...again] };
    expect(() => createIdentity({ now, accounts: twice })).toThrowError(
      /Two principals are called .*user\/ci/,
    );
  });
});

describe("session credentials", () => {
  const request = {
    account: "111122223333",
    roleName: "r",
    sessionName: "s",
    durationSeconds: 60,
    clock: "cloud",
  } as const;

  it("are those of the cloud that issued them, also after a restart with the same secret", () => {
    const sessionSecret = new Uint8Array(32).fill(7);
    const { credentials, caller } = createIdentity({ now, sessionSecret }).sessions.issue(request);
    const { accessKeyId, sessionToken, secretAccessKey, expiration } = credentials;
    expect(accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
    expect(expiration).toEqual(new Date("2026-03-01T12:01:00Z"));
    const again = createIdentity({ now, sessionSecret }).sessions;
    expect(again.find(accessKeyId, sessionToken)).toEqual({
      caller,
      secretAccessKey,
      expiration,
      clock: "cloud",
    });
    expect(createIdentity({ now }).sessions.find(accessKeyId, sessionToken)).toBeUndefined();
  });

  it("stay those of their key and their token when the token is known", () => {
    const { sessions } = createIdentity({ now });
    const [one, other] = [sessions.issue(request).credentials, sessions.issue(request).credentials];
    for (const { accessKeyId, sessionToken, secretAccessKey } of [one, other, one])
      expect(sessions.find(accessKeyId, sessionToken)?.secretAccessKey).toBe(secretAccessKey);
    expect(sessions.find(other.accessKeyId, one.sessionToken)).toBeUndefined();
    const [payload = "", mac = ""] = one.sessionToken.split(".");
    expect(
      sessions.find(
        one.accessKeyId,
        `${payload}.${mac.replace(/./, (first) => (first === "A" ? "B" : "A"))}`,
      ),
    ).toBeUndefined();
    expect(sessions.find(one.accessKeyId, payload)).toBeUndefined();
    expect(sessions.clockOf(`${one.sessionToken}x`)).toBeUndefined();
  });

  it.each(["", ".", "a.b", "a", "e30.e30"])("are not found for the token %j", (token) => {
    expect(createIdentity({ now }).sessions.find("ASIA", token)).toBeUndefined();
  });
});
