import type { Command } from "commander";
import type { Terminal } from "../output/terminal.ts";

type PolicyDeps = { readonly terminal: Terminal; json(): boolean };

/** `tallyman policy check|schema`: no deployment is asked. The YAML reader and the policy's schema are for these alone. */
export function addPolicy(program: Command, { terminal, json }: PolicyDeps): void {
  const policy = program.command("policy").description("look after tallyman.yaml");
  policy
    .command("check")
    .argument("[file]", "the policy", "tallyman.yaml")
    .description("check the policy: every problem with its line and column")
    .action(async (file: string) => {
      const { checkPolicy } = await import("./policy.ts");
      await checkPolicy(terminal, file, json());
    });
  policy
    .command("schema")
    .description("print the policy's JSON Schema, from which editors complete and explain its keys")
    .action(async () => {
      const { policyJsonSchema } = await import("@tallyman/domain/policy/policy-json-schema");
      terminal.json(policyJsonSchema());
    });
}
