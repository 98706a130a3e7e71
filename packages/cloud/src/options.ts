import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import type { Registry } from "@tallyman/domain/registry/registry";
import * as z from "zod";
import { AccountsFile } from "./identity/accounts-file.ts";
import { Snapshot } from "./topology/snapshot.ts";

/** What `npm start` takes. */
export type CommandLine = {
  readonly port: number;
  readonly dataDirectory: string;
  readonly demo: boolean;
  /** Another folder with hub.json and member.json than stacks/snapshot. */
  readonly snapshotsDirectory: string | undefined;
  readonly accountsFile: string | undefined;
  readonly debug: boolean;
  readonly json: boolean;
  readonly help: boolean;
};

/** Where the command line looks unless it is told otherwise. */
export const DEFAULT_PORT = 4510;

export const usage = `Tallyman with its own embedded cloud: an ECR-compatible registry and the deployed functions, on one local port.

  npm start -- [options]

  --port N          port to listen on, loopback only; 0 takes any that is free (4510)
  --data DIR        where everything is kept (.tallyman)
  --accounts FILE   further accounts and principals (YAML or JSON)
  --snapshots DIR   run the stacks in DIR/hub.json and DIR/member.json (stacks/snapshot)
  --no-demo         do not push the demo images into an empty registry
  --debug           show everything that functions write
  --json            one JSON object a line instead of text
  --help            this text
`;

/** Input that the command cannot work with; the message says what to do. */
export class UsageError extends Error {
  readonly code = "USAGE";

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "UsageError";
  }
}

/** Reads the arguments; throws a UsageError for one that is unknown or not valid. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const values = parse(args);
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port takes a number from 0 to 65535, not ${values.port}.`);
  return {
    port,
    dataDirectory: values.data,
    demo: values.demo,
    snapshotsDirectory: values.snapshots,
    accountsFile: values.accounts,
    debug: values.debug,
    json: values.json,
    help: values.help,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowNegative: true,
      options: {
        port: { type: "string", default: `${DEFAULT_PORT}` },
        data: { type: "string", default: ".tallyman" },
        demo: { type: "boolean", default: true },
        accounts: { type: "string" },
        snapshots: { type: "string" },
        debug: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`, error);
  }
}

/** The registries of the embedded cloud; the first one is the hub's. */
export const defaultRegistries: readonly [Registry, ...Registry[]] = [
  { account: "111122223333", region: "us-east-1" },
  { account: "111122223333", region: "us-west-2" },
  { account: "111122223333", region: "eu-central-1" },
  { account: "444455556666", region: "us-east-1" },
];

/** A synthesized stack; throws a UsageError that says how to make one. */
export async function readSnapshot(file: string): Promise<Snapshot> {
  const parsed = Snapshot.safeParse(parseJson(await readText(file, "Write it with: npm run synth.")));
  if (parsed.success) return parsed.data;
  throw new UsageError(`${file} is no snapshot: ${z.prettifyError(parsed.error)}`);
}

/** Further accounts and principals (`--accounts`); throws a UsageError for a file of another shape. */
export async function readAccounts(file: string): Promise<AccountsFile> {
  const { parse: parseYaml } = await import("yaml");
  const text = await readText(file, "");
  const parsed = AccountsFile.safeParse(attempt(file, () => parseYaml(text)));
  if (parsed.success) return parsed.data;
  throw new UsageError(`${file} cannot be used: ${z.prettifyError(parsed.error)}`);
}

function attempt(file: string, parse: () => unknown): unknown {
  try {
    return parse();
  } catch (error) {
    throw new UsageError(`${file} cannot be used: ${error instanceof Error ? error.message : error}`, error);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readText(file: string, advice: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new UsageError(`${file} cannot be read. ${advice}`.trim(), error);
  }
}
