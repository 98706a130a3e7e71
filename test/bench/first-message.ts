import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { anApiEvent } from "../builders/api-event.ts";
import { anImageEvent } from "../builders/ecr-event.ts";
import { FUNCTION_ENVIRONMENT } from "../builders/function-environment.ts";
import { anSqsEvent } from "../builders/sqs-event.ts";
import { FIRST_IMAGE, startAnsweringAws } from "./answering-aws.ts";
import type { BuiltBundle } from "./bundle-size.ts";
import { type Figure, median, spread } from "./figure.ts";

const STARTS = 30;
const LOADER = join(import.meta.dirname, "load-bundle.mjs");
const run = promisify(execFile);

/** The first message of a start, and what an answer to it contains that went all the way. */
const MESSAGES: Readonly<Record<string, { readonly event: unknown; readonly expected: string }>> = {
  "image-action": {
    event: anSqsEvent({ body: anImageEvent("PUSH", FIRST_IMAGE) }),
    expected: '{"batchItemFailures":[]}',
  },
  api: { event: anApiEvent({ path: "/api/v1/brake" }), expected: '"statusCode":200' },
};

/**
 * From nothing to the end of the first message, AWS answering at once: what is loaded later than at the start shows here,
 * so that a start cannot be made shorter by putting work off.
 */
export async function firstMessageFigures(
  bundles: readonly BuiltBundle[],
  out: string,
): Promise<readonly Figure[]> {
  const aws = await startAnsweringAws();
  try {
    const measured = bundles.filter(({ name }) => name in MESSAGES);
    const times = new Map(measured.map(({ name }) => [name, [] as Start[]]));
    for (let round = 0; round < STARTS; round++) {
      for (const bundle of measured) times.get(bundle.name)?.push(await startOnce(bundle, out, aws.url));
    }
    return [...times].flatMap(([name, starts]) => figuresOf(name, starts));
  } finally {
    aws.close();
  }
}

type Start = { readonly milliseconds: number; readonly processor: number };

async function startOnce({ name, file }: BuiltBundle, out: string, url: string): Promise<Start> {
  const message = join(out, `${name}.json`);
  writeFileSync(message, JSON.stringify(MESSAGES[name]));
  // The SDK prefers the host of a queue's URL to the endpoint.
  const queue = { RECOUNT_QUEUE_URL: `${url}/111122223333/RecountQueue.fifo` };
  const env = { ...FUNCTION_ENVIRONMENT, ...queue, AWS_ENDPOINT_URL: url };
  const { stdout } = await run(process.execPath, [LOADER, pathToFileURL(file).href, message], { env });
  return JSON.parse(stdout.slice(stdout.lastIndexOf("\n"))) as Start;
}

function figuresOf(name: string, starts: readonly Start[]): readonly Figure[] {
  const figure = (what: string, samples: readonly number[]): Figure => ({
    what: `${name}: init and first message${what}`,
    value: median(samples),
    unit: "ms",
    note: spread(samples, "ms"),
  });
  return [
    figure(
      "",
      starts.map(({ milliseconds }) => milliseconds),
    ),
    figure(
      ", processor time",
      starts.map(({ processor }) => processor),
    ),
  ];
}
