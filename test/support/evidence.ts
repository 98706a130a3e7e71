import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { dynamoImageStore } from "@tallyman/aws/dynamodb/image-store";
import { dynamoInventoryQueries } from "@tallyman/aws/dynamodb/inventory-queries";
import { dynamoManifestStore } from "@tallyman/aws/dynamodb/manifest-store";
import { dynamoSourceStateStore } from "@tallyman/aws/dynamodb/source-state-store";
import { openTable } from "@tallyman/aws/dynamodb/table";
import { dynamoTagStore } from "@tallyman/aws/dynamodb/tag-store";
import { dynamoUsageStore } from "@tallyman/aws/dynamodb/usage-store";
import { openBucket } from "@tallyman/aws/s3/bucket";
import { s3ConsumersStore } from "@tallyman/aws/s3/consumers-store";
import { s3ManifestBodies } from "@tallyman/aws/s3/manifest-bodies";
import { s3PolicySource } from "@tallyman/aws/s3/policy-source";
import type { RepositoryRef } from "@tallyman/domain/registry/repository";
import { doubtsOf } from "@tallyman/domain/usage/doubts-of";
import type { UsageRecord } from "@tallyman/domain/usage/evidence";
import { type InUse, isInUse } from "@tallyman/domain/usage/is-in-use";
import { readEvidence } from "@tallyman/domain/usage/known-evidence";
import { viewRepository } from "@tallyman/domain/usage/repository-view";
import type { Embedded } from "./embedded.ts";
import { EAST, REGISTRIES } from "./registries.ts";
import { credentialsOf } from "./registry-client.ts";
import { callTallyman } from "./run-tallyman.ts";

const BUCKET = "archive";
const POLICY_KEY = "policy/current.json";

/** What the running product knows of what runs, asked as whoever cleans up would ask, and as people do. */
export class Evidence {
  readonly #product: Embedded;
  readonly #dynamo: DynamoDBClient;

  constructor(product: Embedded) {
    this.#product = product;
    const credentials = credentialsOf(EAST.account);
    this.#dynamo = new DynamoDBClient({ endpoint: product.url, region: EAST.region, credentials });
  }

  /** The schedule fires: every account and Region is asked what runs there, once what is under way has come to rest. */
  async collect(): Promise<void> {
    await this.#product.atRest();
    const { idle } = await this.#product.control("POST", "run/usage");
    if (idle !== true) await this.#product.atRest();
  }

  /** Whether an image of a repository is used, decided over the product's own table and bucket. */
  async ask(repository: RepositoryRef, digest: string): Promise<InUse> {
    const stores = this.#stores();
    const now = await this.now();
    const { usage } = await stores.policy.currentPolicy();
    const known = await readEvidence(stores, REGISTRIES, usage);
    const view = await viewRepository(stores, repository);
    const doubts = doubtsOf(known, repository, now);
    const { recentlyStoppedHours } = usage;
    return isInUse(stores, { view, digest, doubts, asOf: { now, recentlyStoppedHours } });
  }

  /** `used service/web (digest)`, each use once and in order, or `unused`, or `unknown: <why>`. */
  async verdict(repository: RepositoryRef, digest: string): Promise<readonly string[]> {
    const { verdict, uses, doubts } = await this.ask(repository, digest);
    if (verdict === "unused") return ["unused"];
    const lines =
      verdict === "used"
        ? uses.map(({ service, via }) => `used ${service} (${via})`)
        : doubts.map(
            ({ why, source, consumer }) => `unknown: ${[why, source, consumer].filter(Boolean).join(" ")}`,
          );
    return [...new Set(lines)].toSorted();
  }

  /** Every record of a digest's use, ended ones too; its version says how often it was written. */
  records(digest: string): Promise<readonly UsageRecord[]> {
    return Array.fromAsync(this.#stores().usage.listUsage({ digest }));
  }

  /** `tallyman where`, as a program reads it. */
  async where(reference: string): Promise<readonly Record<string, unknown>[]> {
    const { code, stdout, stderr } = await callTallyman(["where", reference, "--json"], this.#product.url);
    if (code !== 0) throw new Error(`tallyman where ${reference}: ${code} ${stderr}`);
    return (JSON.parse(stdout) as { items: readonly Record<string, unknown>[] }).items;
  }

  /** By the product's clock. */
  async now(): Promise<Date> {
    return new Date(String((await this.#product.control("GET", "clock"))["now"]));
  }

  /** Time passes, and with it whatever falls due. */
  async pass(duration: string): Promise<void> {
    await this.#product.control("POST", "clock", { advance: duration });
    await this.#product.atRest();
  }

  /** Puts another policy in force, as a deployment uploads it; it is read within a minute, which passes. */
  async usePolicy(policy: object): Promise<void> {
    await this.#bucket().put(POLICY_KEY, "application/json", Buffer.from(JSON.stringify(policy)));
    await this.pass("PT2M");
  }

  close(): void {
    this.#dynamo.destroy();
  }

  #bucket() {
    const { accessKeyId, secretAccessKey } = credentialsOf(EAST.account);
    const location = { bucket: BUCKET, region: EAST.region, endpoint: this.#product.url };
    return openBucket(location, async () => ({ accessKeyId, secretAccessKey }));
  }

  #stores() {
    const table = openTable("Inventory", this.#dynamo);
    const bucket = this.#bucket();
    return {
      images: dynamoImageStore(table),
      tags: dynamoTagStore(table),
      manifests: dynamoManifestStore(table, s3ManifestBodies(bucket)),
      queries: dynamoInventoryQueries(table),
      usage: dynamoUsageStore(table),
      states: dynamoSourceStateStore(table),
      consumers: s3ConsumersStore(bucket),
      policy: s3PolicySource(bucket, POLICY_KEY),
    };
  }
}
