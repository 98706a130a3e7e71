import { Command, InvalidArgumentError } from "commander";
import { apiClient } from "./api/client.ts";
import { DEFAULT_ENDPOINT, resolveEndpoint } from "./api/endpoint.ts";
import { addControl } from "./commands/add-control.ts";
import { addDoctor } from "./commands/add-doctor.ts";
import { addInventory } from "./commands/add-inventory.ts";
import { addPast } from "./commands/add-past.ts";
import { addPolicy } from "./commands/add-policy.ts";
import { addRegistries } from "./commands/add-registries.ts";
import { addUsage } from "./commands/add-usage.ts";
import type { Context } from "./context.ts";
import type { Terminal } from "./output/terminal.ts";

export type ProgramDeps = {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
};

type GlobalOptions = {
  readonly endpoint?: string;
  readonly region?: string;
  readonly json?: boolean;
  readonly wide?: boolean;
  readonly limit: number;
};

/** The `tallyman` command. Throws CommanderError for usage and CommandError for problems. */
export function createProgram(deps: ProgramDeps): Command {
  const program = new Command("tallyman")
    .description("Keeps the tally of every image in your Amazon ECR registries.")
    .option("--endpoint <url>", `the admin API (else TALLYMAN_ENDPOINT, else ${DEFAULT_ENDPOINT})`)
    .option("--region <region>", "the Region that requests are signed for (else the endpoint's own)")
    .option("--json", "print JSON")
    .option("--wide", "full digests and media types")
    .option("--limit <n>", "list at most n items, or all", parseLimit, 200)
    .showHelpAfterError('("tallyman help <command>" has examples)')
    .addHelpText("after", HELP);
  const contextOf = () => createContext(deps, program.opts<GlobalOptions>());
  addInventory(program, contextOf);
  addPast(program, contextOf);
  addUsage(program, contextOf);
  addControl(program, contextOf);
  addRegistries(program, contextOf, { ...deps, json: () => program.opts<GlobalOptions>().json === true });
  addDoctor(program, { ...deps, globals: () => program.opts<GlobalOptions>() });
  addPolicy(program, { ...deps, json: () => program.opts<GlobalOptions>().json === true });
  return program;
}

function createContext({ terminal, env }: ProgramDeps, options: GlobalOptions): Context {
  const endpoint = resolveEndpoint({ endpoint: options.endpoint, region: options.region, env });
  return {
    api: apiClient({ endpoint, env, tell: terminal.note }),
    terminal,
    json: options.json === true,
    wide: options.wide === true,
    limit: options.limit,
  };
}

function parseLimit(text: string): number {
  if (text === "all") return Number.POSITIVE_INFINITY;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1, or "all".');
  return Number(text);
}

const HELP = `
Options like --json stand before or after the command. Requests are signed with your AWS credentials (SSO, profile,
environment). Exit codes: 0 done, 1 a problem, 2 wrong usage.

Examples:
  $ tallyman images prod/web
  $ tallyman why prod/web:1.4.2
  $ tallyman history prod/web:latest
  $ tallyman where prod/web:1.4.2
  $ tallyman pause "unexpected deletions in prod"
  $ tallyman --endpoint https://abc123.execute-api.eu-central-1.amazonaws.com status`;
