export { TaskStateMessage } from "@tallyman/domain/event/task-state";
