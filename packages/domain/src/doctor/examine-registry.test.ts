import { describe, expect, test } from "vitest";
import { examineRegistry } from "./examine-registry.ts";
import { account, type Look, place, said, unseen } from "./testing/healthy-account.ts";

describe("doctor registry", () => {
  const registry = (given: Partial<Look> = {}, repository?: string) => {
    const scope = { place, ...(repository !== undefined && { repository }) };
    return said(examineRegistry(account({ findPolicy: async () => ({ seen: undefined }), ...given }), scope));
  };
  const open = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: "*", Action: "ecr:BatchGetImage" }],
  });
  const HERE = "registry 111122223333/us-east-1";

  test.each<[string, Partial<Look>, string[]]>([
    ["all well", {}, []],
    [
      "no scans",
      { findScanFrequency: async () => ({ seen: "MANUAL" }) },
      ["repository prod/web: scan-on-push warning"],
    ],
    [
      "mutable tags",
      { findMutability: async () => ({ seen: { setting: "MUTABLE", exclusions: [] } }) },
      ["repository prod/web: tag-mutability warning"],
    ],
    [
      "an open repository",
      { findPolicy: async () => ({ seen: open }) },
      ["repository prod/web: policy problem"],
    ],
    ["an open registry", { findRegistryPolicy: async () => ({ seen: open }) }, [`${HERE}: policy problem`]],
    [
      "nothing that ever leaves",
      { hasLifecyclePolicy: async () => ({ seen: false }) },
      ["repository prod/web: lifecycle-policy warning"],
    ],
    [
      "repositories unseen",
      { listRepositories: async () => ({ unseen }) },
      [`${HERE}: repositories unknown`],
    ],
    [
      "a repository that went",
      { findMutability: async () => ({ seen: undefined }) },
      ["repository prod/web: repository unknown"],
    ],
    [
      "settings unseen",
      { findMutability: async () => ({ unseen }) },
      ["repository prod/web: tag-mutability unknown"],
    ],
  ])("with %s", async (_, given, expected) => {
    expect(await registry(given)).toEqual(expected);
  });

  test("of one repository neither the registry nor others are looked at", async () => {
    const given = {
      findRegistryPolicy: async () => ({ unseen }),
      listRepositories: async () => ({ unseen }),
    };
    expect(await registry(given, "prod/web")).toEqual([]);
  });
});
