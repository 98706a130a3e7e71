import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Authorize, Caller } from "@tallyman/domain/iam-policy/authorize";
import {
  type EcrEvent,
  type EcrRegistry,
  isLayerDownload,
  type OpenRegistryOptions,
  openRegistry,
} from "../open-registry.ts";

/** A registry behind a real HTTP server on a free port, with everything allowed unless told otherwise. */
export type RegistryServer = {
  /** Another one after a restart. */
  readonly registry: EcrRegistry;
  readonly url: string;
  readonly directory: string;
  /** What was emitted so far. */
  readonly events: EcrEvent[];
  /** Errors of ours; a test that expects none can say so. */
  readonly errors: unknown[];
  readonly clock: { now: Date };
  /** Closes the registry and opens it again on the same directory, behind the same port. */
  restart(): Promise<void>;
  close(): Promise<void>;
};

export type ServerOptions = Partial<
  Pick<
    OpenRegistryOptions,
    "authorize" | "fault" | "limits" | "switches" | "directory" | "downloadEndpoint" | "hearsCalls"
  >
>;

export const ADMIN: Caller = { account: "111122223333", arn: "arn:aws:iam::111122223333:user/admin" };
export const ALLOW_ALL: Authorize = () => ({ allowed: true });

/** The account is told by the access key of the signature, which is not verified: the cloud does that. */
export async function startRegistryServer(options: ServerOptions = {}): Promise<RegistryServer> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), "registry-")));
  const events: EcrEvent[] = [];
  const errors: unknown[] = [];
  const clock = { now: new Date("2026-11-21T10:00:00.000Z") };
  const open = () =>
    openRegistry({
      authorize: ALLOW_ALL,
      ...options,
      directory,
      now: () => clock.now,
      newId: randomUUID,
      emit: (event) => void events.push(event),
      onError: (error) => void errors.push(error),
      endpoint: (account, region) => `http://${account}.dkr.ecr.${region}.localhost:${portOf(server)}`,
    });
  let registry = await open();
  const server = serve(() => registry);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    get registry() {
      return registry;
    },
    url: `http://127.0.0.1:${portOf(server)}`,
    directory,
    events,
    errors,
    clock,
    async restart() {
      await registry.close();
      registry = await open();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await registry.close();
      if (options.directory === undefined) await rm(directory, { recursive: true, force: true });
    },
  };
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

function serve(current: () => EcrRegistry): Server {
  const server = createServer({ requestTimeout: 0 }, async (req, res) => {
    const registry = current();
    if (req.url?.startsWith("/v2")) return registry.handleOci(req, res);
    if (isLayerDownload(req.url ?? "")) return registry.serveDownload(req, res);
    const chunks: Uint8Array[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const [account = ADMIN.account, , region = "us-east-1"] = credentialScope(req.headers.authorization);
    const answer = await registry.callApi({
      operation: String(req.headers["x-amz-target"]).split(".").at(-1) ?? "",
      body,
      caller: { account, arn: `arn:aws:iam::${account}:user/admin` },
      region,
    });
    res.writeHead(answer.status, answer.headers).end(answer.body);
  });
  return server;
}

/** `Credential=<access key>/<day>/<region>/ecr/aws4_request`; here the access key is the account. */
function credentialScope(authorization: string | undefined): string[] {
  return /Credential=([^,]+)/.exec(authorization ?? "")?.[1]?.split("/") ?? [];
}
