import { SQSClient } from "@aws-sdk/client-sqs";
import type { NoticeSink } from "@tallyman/domain/notice/notice";
import { sqsNoticeQueue } from "./notice-queue.ts";

/** The notice queue with the function's own credentials and Region. */
export function openNoticeQueue(queueUrl: string): NoticeSink {
  return sqsNoticeQueue(new SQSClient({}), queueUrl);
}
