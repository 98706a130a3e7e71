// A process of its own: loads a bundle as Lambda's runtime does and prints what that took: elapsed and processor time.
// With a file that holds an event, and what its answer must contain, also what it took to the end of that first message.
import { readFileSync } from "node:fs";

const [, , bundle, message] = process.argv;
const { event, expected } = message === undefined ? {} : JSON.parse(readFileSync(message, "utf8"));
const context = {
  functionName: "first",
  invokedFunctionArn: "arn:aws:lambda:us-east-1:111122223333:function:first",
  awsRequestId: "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
  getRemainingTimeInMillis: () => 30_000,
};

const used = process.cpuUsage();
const began = performance.now();
const { handler } = await import(bundle);
const init = sinceThen();
if (typeof handler !== "function") throw new Error(`${bundle} exports no handler`);
if (event === undefined) {
  process.stdout.write(JSON.stringify(init));
} else {
  // The function's log goes to stdout; what was measured follows as the last line.
  const answer = JSON.stringify(await handler(event, context));
  const first = sinceThen();
  if (!answer.includes(expected)) throw new Error(`${bundle} answered ${answer}`);
  process.stdout.write(`\n${JSON.stringify(first)}`);
  process.exit();
}

function sinceThen() {
  const { user, system } = process.cpuUsage(used);
  return { milliseconds: performance.now() - began, processor: (user + system) / 1000 };
}
