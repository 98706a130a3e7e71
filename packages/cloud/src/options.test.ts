import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parseCommandLine, readAccounts, readSnapshot, UsageError } from "./options.ts";

const directory = mkdtempSync(join(tmpdir(), "options-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, text: string): string {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
}

describe("the command line", () => {
  test("has defaults", () => {
    expect(parseCommandLine([])).toMatchObject({
      port: 4510,
      dataDirectory: ".tallyman",
      demo: true,
      json: false,
    });
  });

  test("takes what it is given", () => {
    expect(parseCommandLine(["--port", "0", "--data", "d", "--no-demo", "--debug", "--json"])).toMatchObject({
      port: 0,
      dataDirectory: "d",
      demo: false,
      debug: true,
      json: true,
    });
  });

  test.each([[["--prot", "1"]], [["--port", "x"]], [["--port", "70000"]], [["--port", "-1"]], [["extra"]]])(
    "refuses %j and shows what there is",
    (args) => {
      expect(() => parseCommandLine(args)).toThrow(UsageError);
    },
  );

  test("says which file cannot be used, and why", async () => {
    await expect(readSnapshot(join(directory, "none.json"))).rejects.toThrow(
      /none.json cannot be read. Write it with/,
    );
    await expect(readSnapshot(file("bad.json", "{}"))).rejects.toThrow(/bad.json is no snapshot/);
    await expect(readSnapshot(file("cut.json", "{"))).rejects.toThrow(UsageError);
    await expect(readAccounts(file("accounts.yaml", "accounts:\n  - id: 12\n"))).rejects.toThrow(
      /12 digits|accounts/,
    );
    await expect(readAccounts(file("no.yaml", "accounts: [\n"))).rejects.toThrow(UsageError);
  });

  test("reads accounts from YAML", async () => {
    const principal = "{ name: ci, accessKeyId: ci_key, secretAccessKey: s, policies: [] }";
    const accounts = await readAccounts(
      file("more.yaml", `accounts:\n  - id: "555566667777"\n    principals: [${principal}]\n`),
    );
    expect(accounts.accounts[0]?.id).toBe("555566667777");
  });
});
