import { Command, InvalidArgumentError } from "commander";
import { apiClient } from "./api/client.ts";
import { DEFAULT_ENDPOINT, resolveEndpoint } from "./api/endpoint.ts";
import { setBrake, showStatus } from "./commands/brake.ts";
import { listDeadLetters, redrive } from "./commands/dead-letters.ts";
import { showHistory } from "./commands/history.ts";
import { listImages } from "./commands/images.ts";
import { listAudit, listReplicas, listRepositories, listViolations } from "./commands/listings.ts";
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

const REGISTRY = ["--registry <account/region>", "only this registry"] as const;

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
  addControl(program, contextOf);
  program
    .command("policy")
    .description("look after tallyman.yaml")
    .command("check")
    .argument("[file]", "the policy", "tallyman.yaml")
    .description("check the policy: every problem with its line and column")
    .action(async (file: string) => {
      // The YAML reader and the policy's schema are for this command alone.
      const { checkPolicy } = await import("./commands/policy.ts");
      checkPolicy(deps.terminal, file, program.opts<GlobalOptions>().json === true);
    });
  return program;
}

function addInventory(program: Command, contextOf: () => Context): void {
  program
    .command("images")
    .argument("[repository[:tag]]", "all repositories when absent")
    .option(...REGISTRY)
    .option("--tag <tag>", "the image this tag points to")
    .option("--digest <digest>", "one image in every registry that holds it")
    .option("--gone", "also images that are no longer in the registry")
    .description("list images with their tags")
    .addHelpText(
      "after",
      examples("images prod/web", "images prod/web:1.4.2", "images --digest sha256:... --json"),
    )
    .action((name, options) => listImages(contextOf(), name, options));
  program
    .command("history")
    .argument("<repository[:tag]>")
    .argument("[tag]")
    .option(...REGISTRY)
    .description("where a tag has been, when and why")
    .addHelpText(
      "after",
      examples("history prod/web:latest", "history prod/web latest --registry 111122223333/us-east-1"),
    )
    .action((name, tag, options) => showHistory(contextOf(), name, tag, options));
  program
    .command("repositories")
    .option(...REGISTRY)
    .description("list repositories with their totals")
    .action((options) => listRepositories(contextOf(), options));
  program
    .command("violations")
    .option(...REGISTRY)
    .option("--repository <name>", "only this repository")
    .description("list open breaches of tagging rules")
    .addHelpText("after", examples("violations", "violations --repository prod/web --json"))
    .action((options) => listViolations(contextOf(), options));
  program
    .command("replicas")
    .argument("[repository]", "a destination repository, together with --registry")
    .option("--registry <account/region>", "the destination registry")
    .option("--digest <digest>", "replicas of one image")
    .option("--overdue", "those that are late or failed (the default)")
    .description("list promised copies")
    .addHelpText("after", examples("replicas", "replicas prod/web --registry 111122223333/us-west-2"))
    .action((repository, options) => listReplicas(contextOf(), repository, options));
  program
    .command("audit")
    .option("--day <YYYY-MM-DD>", "a UTC day, today when absent")
    .description("what was done in one day, by whom and why")
    .action((options) => listAudit(contextOf(), options));
}

function addControl(program: Command, contextOf: () => Context): void {
  program
    .command("status")
    .description("whether the control plane is well, and its brake")
    .action(() => showStatus(contextOf()));
  program
    .command("pause")
    .argument("<reason...>", "for the audit trail")
    .description("stop every write to every registry")
    .addHelpText("after", examples('pause "unexpected deletions in prod"'))
    .action((words: string[]) => setBrake(contextOf(), true, words.join(" ")));
  program
    .command("resume")
    .argument("<reason...>", "for the audit trail")
    .description("let writes to registries happen again")
    .addHelpText("after", examples('resume "rule corrected, see change 1234"'))
    .action((words: string[]) => setBrake(contextOf(), false, words.join(" ")));
  const dlq = program.command("dlq").description("dead letters: messages that could not be processed");
  dlq
    .command("list")
    .description("count the messages of every dead-letter queue")
    .action(() => listDeadLetters(contextOf()));
  dlq
    .command("redrive")
    .argument("[queue]", 'as "tallyman dlq list" names it')
    .option("--all", "every queue that holds messages")
    .option("--no-wait", "do not wait until the messages are moved")
    .description("move dead letters back to the queue they came from")
    .addHelpText("after", examples("dlq redrive ImageActionDeadLetters", "dlq redrive --all"))
    .action((queue, options) => redrive(contextOf(), queue, options));
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

function examples(...commands: readonly string[]): string {
  return `\nExamples:\n${commands.map((it) => `  $ tallyman ${it}`).join("\n")}`;
}

const HELP = `
Options like --json stand before or after the command. Requests are signed with your AWS credentials (SSO, profile,
environment). Exit codes: 0 done, 1 a problem, 2 wrong usage.

Examples:
  $ tallyman images prod/web
  $ tallyman history prod/web:latest
  $ tallyman pause "unexpected deletions in prod"
  $ tallyman --endpoint https://abc123.execute-api.eu-central-1.amazonaws.com status`;
