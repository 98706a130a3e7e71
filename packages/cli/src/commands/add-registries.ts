import { REGISTRIES_FILE } from "@tallyman/domain/registry/registries-file";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import type { Terminal } from "../output/terminal.ts";
import { examples } from "./examples.ts";
import { listRegistries } from "./registries.ts";
import { checkRegistries } from "./registries-check.ts";

type LocalDeps = {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly json: () => boolean;
};

/** The commands about the declared registries as a whole. */
export function addRegistries(program: Command, contextOf: () => Context, local: LocalDeps): void {
  const registries = program
    .command("registries")
    .description("every declared registry: last event, last reconcile, last check")
    .action(() => listRegistries(contextOf()));
  registries
    .command("check")
    .option("--registry <account/region>", "this one alone")
    .option("--no-wait", "do not wait for what is found")
    .description("look whether registries are watched as they should be: exit code 1 if one is not")
    .addHelpText("after", examples("registries check", "registries check --registry 444455556666/us-east-1"))
    .action((options) => checkRegistries(contextOf(), options));
  registries
    .command("resolve")
    .argument("[file]", "the declared registries", REGISTRIES_FILE)
    .option("--check", "write nothing: exit code 1 if the resolved file is out of date")
    .description("ask AWS Organizations which accounts the declared organisation units hold")
    .addHelpText("after", examples("registries resolve", "registries resolve --check"))
    .action(async (file: string, options: { readonly check?: boolean }) => {
      // The Organizations client is for this command alone.
      const { resolveRegistries } = await import("./registries-resolve.ts");
      const { terminal, env } = local;
      await resolveRegistries(file, { terminal, env, json: local.json(), check: options.check === true });
    });
}
