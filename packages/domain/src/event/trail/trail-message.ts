import * as z from "../../zod.ts";
import { ApiCallMessage } from "./api-call.ts";
import { ServiceEventMessage } from "./service-event.ts";

/**
 * `AWS API Call via CloudTrail` or `AWS Service Event via CloudTrail` of ECR, the parsed JSON with its envelope, in the
 * product's words. Members that AWS adds are passed over; what is missing or no value of its kind is malformed.
 */
export const TrailMessage = z.union([ApiCallMessage, ServiceEventMessage]);
export type TrailMessage = z.infer<typeof TrailMessage>;
