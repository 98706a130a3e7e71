// Runs the bundled config under Pulumi's mocks, in a process of its own: the runtime keeps global state, and an Output that
// is rejected would hang the program for ever. Arguments: one JSON text (ChildInput). Writes what was registered to a file.
import type { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { BUS_NAME } from "../../../stacks/names.ts";
import type { Place } from "./aws-state.ts";
import { mockMonitor } from "./mocks.ts";
import { plain } from "./plain.ts";
import type { Registered } from "./resource.ts";
import { addRule } from "./variant.ts";

export type ChildInput = {
  readonly root: string;
  readonly platform: string;
  /** The bundle of the config. */
  readonly module: string;
  readonly target: "hub" | "member";
  readonly stage: string;
  readonly place: Place;
  /** The folder that the deployment is started in: its registries file is read. */
  readonly declaredIn: string;
  readonly output: string;
  readonly variant: boolean;
};

/** A busy machine takes minutes for what takes seconds alone. */
const WATCHDOG_MS = 300_000;

function fail(reason: unknown): never {
  console.error(reason);
  process.exit(1);
}

process.on("unhandledRejection", fail);
setTimeout(() => fail("the program did not finish: an Output was never resolved"), WATCHDOG_MS).unref();

const input: ChildInput = JSON.parse(process.argv[2] ?? "{}");
const { root, platform, stage } = input;
const require = createRequire(join(platform, "package.json"));
const crypto: { randomBytes: typeof randomBytes } = require("node:crypto");
// Physical names end in random letters.
crypto.randomBytes = ((size: number) => Buffer.alloc(size, 7)) as typeof randomBytes;
syncBuiltinESMExports();

// SST goes there before it runs the config.
const paths = { root: input.declaredIn, platform, work: join(root, ".sst"), home: root };
Object.assign(globalThis, { $dev: false, $cli: { command: "deploy", paths, state: { version: {} } } });

const pulumi = require("@pulumi/pulumi");
const registered: Registered[] = [];
await mockMonitor(require, { registered, place: input.place, stage, variant: input.variant });
const { aws, config, run } = await import(pathToFileURL(input.module).href);
const app = await config.app({ stage });
Object.assign(globalThis, { $app: { ...app, stage } });
await pulumi.runtime.runInPulumiStack(async () => {
  const outputs = await run(config.run);
  if (input.variant && input.target === "hub") addRule(aws, BUS_NAME);
  return outputs;
});
await pulumi.runtime.disconnect();
writeFileSync(input.output, JSON.stringify(await plain(registered)));
process.exit(0);
