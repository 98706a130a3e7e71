export { ReplicationActionMessage } from "@tallyman/domain/event/replication-action";
