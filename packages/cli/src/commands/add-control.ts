import type { Command } from "commander";
import type { Context } from "../context.ts";
import { setBrake, showStatus } from "./brake.ts";
import { listDeadLetters, redrive } from "./dead-letters.ts";
import { examples } from "./examples.ts";
import { reconcile } from "./reconcile.ts";

/** The commands that look after the control plane itself. */
export function addControl(program: Command, contextOf: () => Context): void {
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
  program
    .command("reconcile")
    .argument(
      "[repository]",
      "this one alone, in every registry that is known to have it; everything when absent",
    )
    .option("--registry <account/region>", "only in this registry")
    .option("--wait", "until it is over; exit code 1 if anything could not be compared")
    .option("--run <run>", "show how far an earlier one is")
    .description("compare the inventory with the registries now, and repair what differs")
    .addHelpText(
      "after",
      examples("reconcile --wait", "reconcile prod/web --registry 111122223333/us-east-1 --wait"),
    )
    .action((repository, options) => reconcile(contextOf(), repository, options));
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
