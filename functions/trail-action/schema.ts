export { TrailMessage } from "@tallyman/domain/event/trail/trail-message";
