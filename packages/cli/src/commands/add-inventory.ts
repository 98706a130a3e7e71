import { IMAGE_ORDERS } from "@tallyman/domain/listing/select-images";
import { TOTALS_BY } from "@tallyman/domain/listing/sum-totals";
import { type Command, Option } from "commander";
import type { Context } from "../context.ts";
import { examples } from "./examples.ts";
import { listImages } from "./images.ts";
import { listAudit, listReplicas, listRepositories, listViolations } from "./listings.ts";
import { listRelations } from "./relations.ts";
import { listTotals } from "./totals.ts";

const STATUSES = ["active", "archived", "activating"];
const REGISTRY = ["--registry <account/region>", "only this registry"] as const;

/** The commands that show what the inventory knows. */
export function addInventory(program: Command, contextOf: () => Context): void {
  program
    .command("images")
    .argument("[repository[:tag]]", "all repositories when absent")
    .option(...REGISTRY)
    .option("--tag <tag>", "the image this tag points to")
    .option("--digest <digest>", "one image in every registry that holds it")
    .addOption(
      new Option("--sort <value>", "order by it, the largest or latest first, across registries").choices(
        IMAGE_ORDERS,
      ),
    )
    .addOption(new Option("--order <order>").choices(["ascending", "descending"]))
    .option("--tag-glob <glob>", "images with a tag that matches")
    .addOption(new Option("--status <status>", "images in this state").choices(STATUSES))
    .option("--gone", "also images that are no longer in the registry")
    .description("list images with their tags")
    .addHelpText(
      "after",
      examples(
        "images prod/web",
        "images prod/web:1.4.2",
        "images prod/web --sort size --tag-glob '1.*'",
        "images --digest sha256:... --json",
      ),
    )
    .action((name, options) => listImages(contextOf(), name, options));
  program
    .command("repositories")
    .option(...REGISTRY)
    .option("--stale", "only those whose listing may be wrong, and why")
    .description("list repositories with their totals")
    .action((options) => listRepositories(contextOf(), options));
  program
    .command("totals")
    .addOption(new Option("--by <what>", "what a line is").choices(TOTALS_BY).default("registry"))
    .option("--key <key>", "with --by resource-tag: only this tag's values")
    .description("what registries hold, what ECR bills for it, and what that costs a month")
    .addHelpText(
      "after",
      examples("totals", "totals --by account", "totals --by resource-tag --key team", "repositories"),
    )
    .action((options) => listTotals(contextOf(), options));
  program
    .command("relations")
    .argument("<digest>")
    .description("children, parents, referrers and subject of an image")
    .addHelpText("after", examples("relations sha256:..."))
    .action((digest) => listRelations(contextOf(), digest));
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
