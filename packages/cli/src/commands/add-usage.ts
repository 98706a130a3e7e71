import { type Command, InvalidArgumentError } from "commander";
import type { Context } from "../context.ts";
import { examples } from "./examples.ts";
import { acceptUsage } from "./usage-accept.ts";
import { reportUsage } from "./usage-report.ts";
import { showUsageStatus } from "./usage-status.ts";
import { showWhere } from "./where.ts";

/** The commands about what runs: where an image is used, and how far that can be known. */
export function addUsage(program: Command, contextOf: () => Context): void {
  program
    .command("where")
    .argument("<image>", "repository:tag, repository@digest, the same behind a registry's host, or a digest")
    .option("--registry <account/region>", "only what the tag points to in this registry")
    .description("where an image is used: account, cluster, service, since when, and what is not known")
    .addHelpText(
      "after",
      examples(
        "where prod/web:1.4.2",
        "where 111122223333.dkr.ecr.us-east-1.amazonaws.com/prod/web@sha256:0123456789ab",
        "where sha256:... --json",
      ),
    )
    .action((name, options) => showWhere(contextOf(), name, options));
  const usage = program.command("usage").description("who tells what runs, and what cannot be known");
  usage
    .command("status")
    .argument("[source]", "the scopes of this source")
    .description("what is blocked because it is not known what runs: why, and what would end it")
    .addHelpText("after", examples("usage status", "usage status lambda"))
    .action((source) => showUsageStatus(contextOf(), source));
  usage
    .command("report")
    .argument("<file>", "a complete report as JSON; - for standard input")
    .requiredOption(
      "--source <name>",
      "a source of the policy (usage.sources) that your credentials are bound to",
    )
    .description("report everything that runs in one scope")
    .addHelpText("after", examples("usage report cluster.json --source kubernetes"))
    .action((file, options) => reportUsage(contextOf(), file, options));
  usage
    .command("accept")
    .argument("<source>")
    .argument("<scope>")
    .requiredOption("--sequence <n>", "the report that you looked at", parseSequence)
    .option("--reason <text>", "why it is right, for the audit trail")
    .description("believe a report that is suspect because it names nothing, or far less than before")
    .addHelpText(
      "after",
      examples('usage accept ecs 111122223333/us-east-1 --sequence 42 --reason "moved to EKS"'),
    )
    .action((source, scope, options) => acceptUsage(contextOf(), { source, scope, ...options }));
}

function parseSequence(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError("Give a whole number from 1.");
  return Number(text);
}
