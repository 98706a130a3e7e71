import { existsSync, mkdirSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "esbuild";

type Build = { readonly functionID: string; readonly bundle: string; readonly handler: string };

export type Rpc = {
  readonly url: string;
  /** By SST function: the folder of its bundle, which no Lambda input names. */
  readonly bundles: ReadonlyMap<string, string>;
  readonly close: () => void;
};

/** SST's components ask the CLI over HTTP for what only it can do; this answers the calls that our stacks cause. */
export async function serveRpc(root: string): Promise<Rpc> {
  const bundles = new Map<string, string>();
  const methods: Readonly<Record<string, (args: never) => unknown>> = {
    "Runtime.Build": (input: Build) => {
      bundles.set(input.functionID, input.bundle);
      return checkBundle(root, input);
    },
    "Provider.Aws.Bootstrap": () => ({ asset: "sst-asset", state: "sst-state" }),
  };
  const server = createServer((request, response) => {
    answer(request, methods).then(
      (result) => response.end(JSON.stringify({ result })),
      (error: unknown) => response.end(JSON.stringify({ error: String(error) })),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, bundles, close: () => closeServer(server) };
}

function closeServer(server: Server): void {
  server.close();
  server.closeAllConnections();
}

async function answer(
  request: IncomingMessage,
  methods: Readonly<Record<string, (args: never) => unknown>>,
): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const { method, params } = JSON.parse(Buffer.concat(chunks).toString());
  const implementation = methods[method];
  if (!implementation) throw new Error(`rpc: the harness does not answer ${method}`);
  return implementation(params[0] as never);
}

/**
 * A function's bundle is the one that `npm run build` wrote, checked for the export its handler names. Before the first
 * build there is nothing to check. What SST zips is an empty folder: no archive is uploaded here.
 */
async function checkBundle(root: string, { functionID, bundle, handler }: Build): Promise<object> {
  const out = join(root, ".sst", "artifacts", "synth-empty");
  mkdirSync(out, { recursive: true });
  const [file, name] = handler.split(".");
  const path = join(root, bundle, `${file}.mjs`);
  const exported = existsSync(path) ? await exportsOf(path) : [name];
  const errors = exported.includes(name) ? [] : [`${functionID}: ${bundle}/${file}.mjs exports no ${name}`];
  return { handler, out, errors, sourcemaps: [] };
}

/** What the ES module at `path` exports, without running it. */
export async function exportsOf(path: string): Promise<readonly (string | undefined)[]> {
  const { metafile } = await build({
    entryPoints: [path],
    format: "esm",
    metafile: true,
    write: false,
    outdir: "unused",
    logLevel: "silent",
  });
  return Object.values(metafile.outputs).flatMap((output) => output.exports);
}
