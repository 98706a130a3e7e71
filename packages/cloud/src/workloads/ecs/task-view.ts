import type { Task } from "./model.ts";
import { answerView } from "./views.ts";

/** A task as answers show it; its tags only where they are asked for. */
export function taskView(task: Task, { withTags = false }: { readonly withTags?: boolean } = {}): object {
  return { ...answerView(task), healthStatus: "UNKNOWN", tags: withTags ? task.internal.tags : [] };
}
