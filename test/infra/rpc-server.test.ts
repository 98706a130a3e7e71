import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Rpc, serveRpc } from "./synth/rpc-server.ts";

const root = mkdtempSync(join(tmpdir(), "tallyman-rpc-"));
let rpc: Rpc;

beforeAll(async () => {
  mkdirSync(join(root, "dist", "due"), { recursive: true });
  writeFileSync(
    join(root, "dist", "due", "bundle.mjs"),
    "export const handler = 1; throw new Error('was run');",
  );
  rpc = await serveRpc(root);
});
afterAll(() => {
  rpc.close();
  rmSync(root, { recursive: true });
});

async function call(method: string, argument: object): Promise<unknown> {
  const body = JSON.stringify({ method, params: [argument] });
  const response = await fetch(`${rpc.url}/rpc`, { method: "POST", body });
  return response.json();
}

function build(handler: string): Promise<unknown> {
  return call("Runtime.Build", { functionID: "Due", bundle: "dist/due", handler });
}

test("a bundle with the handler's export is accepted, and not run", async () => {
  expect(await build("bundle.handler")).toMatchObject({ result: { errors: [], handler: "bundle.handler" } });
  expect(rpc.bundles.get("Due")).toBe("dist/due");
});

test("a handler that the bundle does not export fails the synthesis", async () => {
  expect(await build("bundle.hander")).toMatchObject({
    result: { errors: ["Due: dist/due/bundle.mjs exports no hander"] },
  });
});

test("a call that the harness does not know is an error, not an empty answer", async () => {
  expect(await call("Resource.Aws.Something", {})).toMatchObject({
    error: expect.stringContaining("Aws.Something"),
  });
});
