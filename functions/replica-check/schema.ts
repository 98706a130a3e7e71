export { DueCheck as ReplicaCheckMessage } from "@tallyman/domain/replication/due-check";
