export { ImageActionMessage } from "@tallyman/domain/event/image-action";
