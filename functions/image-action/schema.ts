import { parseRegistryEvent } from "@tallyman/domain/event/parse-event";
import { ImageActionEvent } from "@tallyman/domain/event/schema";
import * as z from "@tallyman/domain/zod";

/** `ECR Image Action` and `ECR Referrer Action`: the whole EventBridge event. */
export const ImageActionMessage = z.pipe(
  ImageActionEvent,
  z.transform((event) => parseRegistryEvent(event)),
);
