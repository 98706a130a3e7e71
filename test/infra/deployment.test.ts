import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { isFirstOfAccount, readDeployment } from "../../stacks/deployment.ts";
import { ROOT } from "./synth/synthesize.ts";

const ENV = { TALLYMAN_EXTERNAL_ID: "a-long-external-id" };
const folder = mkdtempSync(join(tmpdir(), "tallyman-registries-"));
afterAll(() => rmSync(folder, { recursive: true }));

function withFile(text: string): string {
  writeFileSync(join(folder, "tallyman.registries.yaml"), text);
  return folder;
}

function aFile(lines: Readonly<Record<string, string>> = {}): string {
  const all = {
    hub: "111122223333/us-east-1",
    registries: "[111122223333/us-east-1, 444455556666/eu-west-1, 444455556666/us-east-1]",
    externalId: "{ fromEnvironment: TALLYMAN_EXTERNAL_ID }",
    ...lines,
  };
  return withFile(
    Object.entries(all)
      .map(([key, value]) => `${key}: ${value}\n`)
      .join(""),
  );
}

function member(registry: string): NodeJS.ProcessEnv {
  return { ...ENV, TALLYMAN_TARGET: "member", TALLYMAN_REGISTRY: registry };
}

describe("tallyman.registries.yaml", () => {
  test("as committed declares the hub among its four registries", () => {
    const { hub, registries } = readDeployment(ROOT, ENV);
    expect(registries).toHaveLength(4);
    expect(registries).toContainEqual(hub);
  });

  test.each([
    ["an unknown key", { registeries: "[]" }, /registeries/],
    ["an account of eleven digits", { hub: "11112222333/us-east-1" }, /twelve digits/],
    ["a registry without Region", { registries: "[111122223333]" }, /<account>\/<region>/],
    [
      "a hub that is no registry",
      { hub: "999988887777/us-east-1" },
      /999988887777\/us-east-1 is not among registries/,
    ],
    [
      "a registry twice",
      { registries: "[111122223333/us-east-1, 111122223333/us-east-1]" },
      /111122223333\/us-east-1 stands twice/,
    ],
    ["an organization that is none", { organization: "acme" }, /AWS Organizations id/],
    ["an external id in the file", { externalId: "secret-secret-secret" }, /externalId/],
  ])("with %s is refused", (_what, lines, message) => {
    expect(() => readDeployment(aFile(lines), ENV)).toThrow(message);
  });

  test("is refused with all its problems at once", () => {
    const file = aFile({ organization: "acme", alarmTopic: "oncall" });
    expect(() => readDeployment(file, ENV)).toThrow(/organization[\s\S]*alarmTopic/);
  });
});

describe("a deployment", () => {
  test("is the hub's unless told otherwise", () => {
    expect(readDeployment(aFile(), ENV)).toMatchObject({
      target: "hub",
      appName: "tallyman",
      at: { account: "111122223333", region: "us-east-1" },
    });
  });

  test("of a member keeps its state apart from the hub's in the same account and Region", () => {
    const { appName, at } = readDeployment(aFile(), member("111122223333/us-east-1"));
    expect([appName, at.account]).toEqual(["tallyman-member-us-east-1", "111122223333"]);
  });

  test("of a member carries the roles in the first declared Region of its account alone", () => {
    const first = ["444455556666/eu-west-1", "444455556666/us-east-1"].map((registry) =>
      isFirstOfAccount(readDeployment(aFile(), member(registry))),
    );
    expect(first).toEqual([true, false]);
  });

  test.each([
    ["an undeclared registry", member("444455556666/us-west-2"), /444455556666\/us-west-2/],
    ["a member without a registry", { ...ENV, TALLYMAN_TARGET: "member" }, /Set TALLYMAN_REGISTRY/],
    ["an unknown target", { ...ENV, TALLYMAN_TARGET: "spoke" }, /hub/],
    ["no external id", {}, /Set TALLYMAN_EXTERNAL_ID/],
    ["a guessable external id", { TALLYMAN_EXTERNAL_ID: "acme" }, /16 or more/],
  ])("with %s stops", (_what, env, message) => {
    expect(() => readDeployment(aFile(), env)).toThrow(message);
  });
});
