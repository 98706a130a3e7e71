import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Registry } from "@tallyman/domain/registry/registry";
import { connect, type EcrClient } from "../demo/ecr-client.ts";
import { type Cloud, type CloudOptions, startCloud } from "../start-cloud.ts";
import { smallStacks } from "./small-stacks.ts";

/** The hub's account and its administrator `test`; another account, whose administrator is `test2`. */
export const HUB: Registry = { account: "111122223333", region: "us-east-1" };
export const OTHER: Registry = { account: "444455556666", region: "us-east-1" };

export type RunningCloud = {
  readonly cloud: Cloud;
  readonly url: string;
  /** For a client of any SDK: administrator of the account unless a key is given (`key` and its secret are the same). */
  client(at?: Registry, key?: string): ClientOptions;
  /** An administrator's client of a registry. */
  registry(at?: Registry): Promise<EcrClient>;
  control(method: "GET" | "POST", path: string, body?: object): Promise<Record<string, unknown>>;
  /** With the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

type ClientOptions = {
  readonly endpoint: string;
  readonly region: string;
  readonly maxAttempts: number;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

/** The small stacks, running on a port of their own with data of their own. */
export async function runningCloud(options: Partial<CloudOptions> = {}): Promise<RunningCloud> {
  const dataDirectory = mkdtempSync(join(tmpdir(), "cloud-"));
  const start = () =>
    startCloud({
      ...smallStacks(),
      ...{ hubRegistry: HUB, registries: [HUB, OTHER] },
      ...{ dataDirectory, bundlesDirectory: dataDirectory, port: 0 },
      ...options,
    });
  let cloud = await start();
  const client: RunningCloud["client"] = (at = HUB, key = keyOf(at)) => ({
    endpoint: cloud.url,
    region: at.region,
    maxAttempts: 1,
    credentials: { accessKeyId: key, secretAccessKey: key },
  });
  return {
    get cloud() {
      return cloud;
    },
    get url() {
      return cloud.url;
    },
    client,
    registry: (at = HUB) => connect(cloud.url, { ...at, ...client(at).credentials }),
    control: (method, path, body) => control(`${cloud.url}/_embedded/${path}`, method, body),
    async restart() {
      await cloud.stop();
      cloud = await start();
    },
    async stop() {
      await cloud.stop();
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}

function keyOf({ account }: Registry): string {
  return account === OTHER.account ? "test2" : "test";
}

async function control(url: string, method: string, body?: object): Promise<Record<string, unknown>> {
  const json = { headers: { "content-type": "application/json" }, body: JSON.stringify(body ?? {}) };
  const answer = await fetch(url, method === "POST" ? { method, ...json } : {});
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
}
