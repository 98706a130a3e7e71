import type { Command } from "commander";
import type { Context } from "../context.ts";
import { examples } from "./examples.ts";
import { listImages } from "./images.ts";
import { listAudit, listReplicas, listRepositories, listViolations } from "./listings.ts";

const REGISTRY = ["--registry <account/region>", "only this registry"] as const;

/** The commands that show what the inventory knows. */
export function addInventory(program: Command, contextOf: () => Context): void {
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
    .description("list promised copies: those that are late or failed, or all of one destination or image")
    .addHelpText(
      "after",
      examples(
        "replicas",
        "replicas prod/web --registry 111122223333/us-west-2",
        "replicas --digest sha256:...",
      ),
    )
    .action((repository, options) => listReplicas(contextOf(), repository, options));
  program
    .command("audit")
    .option("--day <YYYY-MM-DD>", "a UTC day, today when absent")
    .description("what was done in one day, by whom and why")
    .action((options) => listAudit(contextOf(), options));
}
