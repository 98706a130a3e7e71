import { Policy } from "@tallyman/domain/policy/policy";
import { expect } from "vitest";
import { type MemoryApi, memoryApi } from "../../fakes/memory-api.ts";
import { type ApiServer, startApiServer } from "../api-server.ts";
import { KubernetesApi } from "./kubernetes-api.ts";
import {
  aTokenFile,
  type Env,
  type Report,
  type Run,
  type RunOptions,
  runReporter,
  SETTINGS,
} from "./run-reporter.ts";

export const SOURCE = {
  name: "kubernetes",
  account: "444455556666",
  principal: "arn:aws:iam::444455556666:user/test2",
};
const KEYS: Env = { AWS_ACCESS_KEY_ID: "test2", AWS_SECRET_ACCESS_KEY: "test2" };

/** A cluster, the admin API over memory behind real signatures, and the reporter between them. */
export class Reporting {
  readonly kubernetes: KubernetesApi;
  readonly api: MemoryApi;
  readonly server: ApiServer;
  readonly #tokenFile = aTokenFile();

  private constructor(kubernetes: KubernetesApi, api: MemoryApi, server: ApiServer) {
    this.kubernetes = kubernetes;
    this.api = api;
    this.server = server;
  }

  static async start(): Promise<Reporting> {
    const memory = memoryApi();
    memory.usagePolicy.current = Policy.parse({ version: 1, usage: { sources: [SOURCE] } }).usage;
    const api = { ...memory, deps: { ...memory.deps, now: () => new Date() } };
    return new Reporting(await KubernetesApi.start(), api, await startApiServer(api));
  }

  async close(): Promise<void> {
    await Promise.all([this.kubernetes.close(), this.server.close()]);
  }

  get env(): Env {
    return {
      ...SETTINGS,
      ...KEYS,
      TALLYMAN_ENDPOINT: this.server.url,
      KUBERNETES_API: this.kubernetes.url,
      KUBERNETES_TOKEN_FILE: this.#tokenFile,
    };
  }

  run(more: Env = {}, options: RunOptions = {}): Promise<Run> {
    return runReporter({ ...this.env, ...more }, options);
  }

  /** What the reporter would send. */
  async dryRun(more: Env = {}): Promise<Report & { readonly said: string }> {
    const { code, stdout, stderr } = await this.run(more, { args: ["--dry-run"] });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return { ...(JSON.parse(stdout) as Report), said: stderr };
  }

  /** Numbers of the reports that the API has queued to be applied. */
  get queued(): readonly unknown[] {
    return this.api.usageJobs.map((job) => ("sequence" in job ? job.sequence : undefined));
  }

  /** It has asked the API for its state at most, and has said why it stopped. */
  expectNothingReported({ code, stdout, stderr }: Run, why: RegExp): void {
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^nothing was reported: /m);
    expect(stderr).toMatch(why);
    expect(this.server.requests.filter((it) => !it.startsWith("GET /api/v1/usage/kubernetes?"))).toEqual([]);
    expect(this.api.usage.journal.writes).toEqual([]);
    expect(this.api.usageJobs).toEqual([]);
  }
}
