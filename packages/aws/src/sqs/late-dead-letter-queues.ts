import type { DeadLetterQueues } from "@tallyman/domain/dead-letter/ports";
import type { DeclaredQueue } from "./dead-letter-queues.ts";

/** The declared dead-letter queues, whose client is loaded when somebody asks for them: few requests do. */
export function lateDeadLetterQueues(declared: readonly DeclaredQueue[]): DeadLetterQueues {
  let opened: Promise<DeadLetterQueues> | undefined;
  const queues = () => {
    opened ??= import("./open-dead-letter-queues.ts").then((it) => it.openDeadLetterQueues(declared));
    return opened;
  };
  return {
    list: async () => (await queues()).list(),
    listRedrives: async (name) => (await queues()).listRedrives(name),
    redrive: async (name) => (await queues()).redrive(name),
  };
}
