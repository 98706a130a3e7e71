import * as z from "zod";
import { DeadLetterQueues, Redrives } from "../api/answers.ts";
import type { Context } from "../context.ts";
import { CommandError, UsageError } from "../errors.ts";

/** `tallyman dlq list` */
export async function listDeadLetters(context: Context): Promise<void> {
  const queues = await context.api.get(DeadLetterQueues, "/api/v1/dead-letters");
  if (context.json) return context.terminal.json(queues);
  context.terminal.table(
    [
      { title: "QUEUE", value: (it) => it.name },
      {
        title: "MESSAGES",
        value: (it) => `${it.messages}`,
        align: "right",
        style: (it) => (it.messages > 0 ? context.terminal.bad : undefined),
      },
    ],
    queues.items,
  );
}

export type RedriveOptions = { readonly all?: boolean; readonly wait: boolean };

/** `tallyman dlq redrive <queue>`: messages go back to the queue they came from. */
export async function redrive(
  context: Context,
  queue: string | undefined,
  options: RedriveOptions,
): Promise<void> {
  if ((queue === undefined) !== (options.all === true))
    throw new UsageError("Name one dead-letter queue, or give --all for every queue that holds messages.");
  const names = queue === undefined ? await queuesWithMessages(context) : [queue];
  if (names.length === 0) context.terminal.note("no dead letters");
  const moved: Moved[] = [];
  for (const name of names) moved.push(await redriveOne(context, name, options.wait));
  if (context.json) context.terminal.json({ items: moved });
}

type Moved = { readonly queue: string; readonly state: string; readonly moved?: number };

async function queuesWithMessages(context: Context): Promise<readonly string[]> {
  const { items } = await context.api.get(DeadLetterQueues, "/api/v1/dead-letters");
  return items.filter((it) => it.messages > 0).map((it) => it.name);
}

async function redriveOne(context: Context, queue: string, wait: boolean): Promise<Moved> {
  const path = `/api/v1/dead-letters/${encodeURIComponent(queue)}/redrive`;
  const before = await latestMove(context, path);
  await context.api.post(z.looseObject({ task: z.string() }), path);
  if (!wait) {
    context.terminal.note(`${queue}: started`);
    return { queue, state: "running" };
  }
  const end = await untilEnded(context, { queue, path, before: before?.startedAt });
  if (!context.json) context.terminal.line(`${queue}: ${end.moved} messages moved back`);
  return { queue, state: end.state, moved: end.moved };
}

const POLL_MS = 500;

async function latestMove(context: Context, path: string) {
  return (await context.api.get(Redrives, path)).items[0];
}

type Waiting = { readonly queue: string; readonly path: string; readonly before: string | undefined };

/** Follows the move that began after `before`: SQS may still show an older one first. */
async function untilEnded(context: Context, { queue, path, before }: Waiting) {
  for (;;) {
    const latest = await latestMove(context, path);
    if (latest !== undefined && latest.startedAt !== before) {
      if (latest.state === "completed") return latest;
      if (!["running", "cancelling"].includes(latest.state)) throw endedBadly(queue, latest);
      context.terminal.progress(`${queue}: ${latest.moved} of ${latest.toMove ?? "?"} ...`);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function endedBadly(
  queue: string,
  move: { readonly state: string; readonly failureReason?: string | undefined },
) {
  const why = move.failureReason === undefined ? "" : ` (${move.failureReason})`;
  return new CommandError(
    `${queue}: the move ended as ${move.state}${why}. "tallyman dlq list" says what is left.`,
  );
}
