import type { Command } from "commander";
import type { Context } from "../context.ts";
import { listChanges } from "./changes.ts";
import { examples } from "./examples.ts";
import { showHistory } from "./history.ts";
import { tellWhy } from "./why.ts";

const REGISTRY = ["--registry <account/region>", "only this registry"] as const;

/** The commands that tell what happened. */
export function addPast(program: Command, contextOf: () => Context): void {
  program
    .command("why")
    .argument("<image>", "repository:tag, repository@digest, the same behind a registry's host, or a digest")
    .option(...REGISTRY)
    .description("is it here, since when, under which tags, what happened to it, and who did it")
    .addHelpText(
      "after",
      examples(
        "why prod/web:1.4.2",
        "why 111122223333.dkr.ecr.us-east-1.amazonaws.com/prod/web:1.4.2",
        "why prod/web@sha256:0123456789ab",
        "why sha256:... --json",
      ),
    )
    .action((name, options) => tellWhy(contextOf(), name, options));
  program
    .command("history")
    .argument("<repository[:tag]>")
    .argument("[tag]")
    .option(...REGISTRY)
    .description("where a tag has been, when, why and by whom")
    .addHelpText(
      "after",
      examples("history prod/web:latest", "history prod/web latest --registry 111122223333/us-east-1"),
    )
    .action((name, tag, options) => showHistory(contextOf(), name, tag, options));
  program
    .command("changes")
    .requiredOption("--since <time>", "30m, 2h, 7d, P1D or 2026-11-21T12:00:00Z; at most 90 days")
    .option(...REGISTRY)
    .option("--repository <name>", "only this repository")
    .description("images and tags that changed since a time, as they are now")
    .addHelpText("after", examples("changes --since 2h", "changes --since P1D --repository prod/web"))
    .action((options) => listChanges(contextOf(), options));
}
