import * as z from "zod";

/** A line that a function wrote; `requestId` is undefined while its bundle loads. */
export type LogLine = {
  readonly functionName: string;
  readonly requestId: string | undefined;
  readonly stream: "stdout" | "stderr";
  readonly line: string;
};

/** What the bootstrap sends. */
export const WorkerMessage = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready"), milliseconds: z.number() }),
  z.object({
    type: z.literal("log"),
    stream: z.enum(["stdout", "stderr"]),
    text: z.string(),
    requestId: z.string().optional(),
  }),
  z.object({ type: z.literal("result"), payload: z.string() }),
  z.object({ type: z.literal("error"), errorType: z.string(), message: z.string() }),
  z.object({ type: z.literal("fatal"), errorType: z.string(), message: z.string() }),
]);
export type WorkerMessage = z.infer<typeof WorkerMessage>;

type Output = {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  readonly requestId?: string | undefined;
};

/** What a function wrote at once, line by line; empty lines are dropped. */
export function linesOf(functionName: string, { stream, text, requestId }: Output): readonly LogLine[] {
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => ({ functionName, requestId, stream, line }));
}
