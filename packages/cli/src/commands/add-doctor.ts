import type { Command } from "commander";
import { UsageError } from "../errors.ts";
import type { Terminal } from "../output/terminal.ts";
import { examples } from "./examples.ts";

type DoctorOptions = { readonly [option: string]: string | boolean | undefined };

export type DoctorCommandDeps = {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly globals: () => {
    readonly region?: string;
    readonly endpoint?: string;
    readonly json?: boolean;
    readonly wide?: boolean;
  };
};

/** The commands that look at an AWS account with the user's own credentials. They need no deployment. */
export function addDoctor(program: Command, deps: DoctorCommandDeps): void {
  const doctor = program
    .command("doctor")
    .description("look at an AWS account: what keeps it from running images of ECR, and what to do")
    .addHelpText("after", HELP);
  const { terminal, env } = deps;
  place(doctor.command("ecs"))
    .option("--cluster <name>", "this cluster alone")
    .option("--service <name>", "this service alone")
    .option("--instance-role <arn>", "the role of container instances (else EC2 and IAM are asked)")
    .description("agents, roles, repository policies and images of ECS services and tasks")
    .addHelpText(
      "after",
      examples("doctor ecs --region eu-central-1", "doctor ecs --cluster prod --service web"),
    )
    .action(async (options: DoctorOptions) => {
      const { doctorEcs } = await import("./doctor.ts");
      await doctorEcs({ ...options, ...common(deps, options) }, { terminal, env });
    });
  place(doctor.command("lambda"))
    .option("--function <name>", "this function alone")
    .description("roles, repository policies and images of Lambda functions made from images")
    .addHelpText("after", examples("doctor lambda", "doctor lambda --function resize --json"))
    .action(async (options: DoctorOptions) => {
      const { doctorLambda } = await import("./doctor.ts");
      await doctorLambda({ ...options, ...common(deps, options) }, { terminal, env });
    });
  place(doctor.command("registry"))
    .option("--repository <name>", "this repository alone")
    .description("scan on push, tag mutability, who else is let in, lifecycle policies")
    .addHelpText("after", examples("doctor registry", "doctor registry --repository prod/web --strict"))
    .action(async (options: DoctorOptions) => {
      const { doctorRegistry } = await import("./doctor.ts");
      await doctorRegistry({ ...options, ...common(deps, options) }, { terminal, env });
    });
}

function place(command: Command): Command {
  return command
    .option("--account <id>", "stop unless the credentials are of this account")
    .option("--profile <name>", "a profile of your AWS configuration")
    .option(
      "--endpoint-url <url>",
      "another place than AWS (else AWS_ENDPOINT_URL), such as http://127.0.0.1:4510",
    )
    .option("--strict", "warnings are problems");
}

/** What is given before the command counts as what is given after it. */
function common({ globals }: DoctorCommandDeps, options: DoctorOptions) {
  const { region, endpoint, json, wide } = globals();
  if (endpoint !== undefined)
    throw new UsageError(
      "The doctor asks AWS, not the admin API: give --endpoint-url instead of --endpoint.",
    );
  return { region, json: json === true, wide: wide === true, strict: options["strict"] === true };
}

const HELP = `
It only reads, with your own AWS credentials, and none of it counts as a pull. What it may not look at it reports as
unknown, with the action that it takes. Exit codes: 0 fine, 1 a problem, 2 something could not be looked at.`;
