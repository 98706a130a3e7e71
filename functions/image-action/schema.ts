import { parseRegistryEvent } from "@tallyman/domain/event/parse-event";
import { ImageActionEvent } from "@tallyman/domain/event/schema";

/** `ECR Image Action` and `ECR Referrer Action`: the whole EventBridge event. */
export const ImageActionMessage = ImageActionEvent.transform((event) => parseRegistryEvent(event));
