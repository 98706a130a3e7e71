import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Embedded } from "../support/embedded.ts";
import { EAST } from "../support/registries.ts";
import { credentialsOf, type Registry } from "../support/registry-client.ts";
import { DOCKER, DOCKERD } from "./docker-daemon.ts";
import { findClient, type Ran, run } from "./run-client.ts";

/** Debian's, not a newer one that happens to come first in the path. */
const AWS = "/usr/bin/aws";
/** The packages of those that have another name. */
const PACKAGES: Readonly<Record<string, { readonly name: string; readonly path: string }>> = {
  aws: { name: "awscli", path: AWS },
  docker: { name: "docker.io", path: DOCKER },
  ctr: { name: "containerd", path: "ctr" },
  dockerd: { name: "docker.io", path: DOCKERD },
};

type Answer = Readonly<Record<string, unknown>>;

/** Are all of them here? Outside CI no means that their tests are skipped. */
export function haveClients(...names: readonly string[]): boolean {
  const found = names.map((name) => findClient(PACKAGES[name]?.name ?? name, PACKAGES[name]?.path ?? name));
  return found.every((path) => path !== undefined);
}

/** The running product, and the clients that talk to it as a person would on a terminal. */
export class ClientSession {
  readonly product: Embedded;
  /** For what the clients write; removed at the end. */
  readonly directory: string;

  private constructor(product: Embedded) {
    this.product = product;
    this.directory = mkdtempSync(join(tmpdir(), "tallyman-clients-"));
  }

  static async start(): Promise<ClientSession> {
    return new ClientSession(await Embedded.start());
  }

  async dispose(): Promise<void> {
    rmSync(this.directory, { recursive: true, force: true });
    await this.product.dispose();
  }

  /** `127.0.0.1:<port>`: which registry it is follows from the password. */
  get host(): string {
    return new URL(this.product.url).host;
  }

  /** `aws ecr <args>` as the account's administrator. */
  aws(registry: Registry, ...args: readonly string[]): Promise<Ran> {
    return this.cli(registry, "ecr", ...args);
  }

  /** `aws <args>`, of any service, as the account's administrator. */
  cli(registry: Registry, ...args: readonly string[]): Promise<Ran> {
    const keys = credentialsOf(registry.account);
    return run(
      AWS,
      ["--endpoint-url", this.product.url, "--region", registry.region, "--output", "json", ...args],
      {
        AWS_ACCESS_KEY_ID: keys.accessKeyId,
        AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
        AWS_CONFIG_FILE: "/dev/null",
        AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
      },
    );
  }

  /** `aws <args>` on the hub, with the answer; throws when it was refused. */
  async call(...args: readonly string[]): Promise<Answer> {
    const ran = await this.cli(EAST, ...args);
    if (ran.code !== 0) throw new Error(`aws ${args.join(" ")}: ${ran.stderr}`);
    return JSON.parse(ran.stdout === "" ? "{}" : ran.stdout) as Answer;
  }

  /** The same for the hub's registry, with the answer; throws when it was refused. */
  async ecr(...args: readonly string[]): Promise<Answer> {
    return this.ecrOf(EAST, ...args);
  }

  async ecrOf(registry: Registry, ...args: readonly string[]): Promise<Answer> {
    const ran = await this.aws(registry, ...args);
    if (ran.code !== 0) throw new Error(`aws ecr ${args.join(" ")}: ${ran.stderr}`);
    return JSON.parse(ran.stdout === "" ? "{}" : ran.stdout) as Answer;
  }

  /** `AWS:<password>` of `aws ecr get-login-password`. */
  async login(registry: Registry = EAST): Promise<string> {
    const ran = await this.aws(registry, "get-login-password");
    return `AWS:${ran.stdout.trim()}`;
  }
}

/** What a client wrote to its standard output; throws, with all that it said, when it failed. */
export async function succeeds(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const ran = await run(command, args, env);
  if (ran.code !== 0) throw new Error(`${command} ${args.join(" ")}:\n${ran.stdout}${ran.stderr}`);
  return ran.stdout;
}
