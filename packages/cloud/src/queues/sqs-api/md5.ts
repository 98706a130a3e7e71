import { createHash } from "node:crypto";
import type { MessageAttributes } from "../message.ts";

export function md5(text: string): string {
  return createHash("md5").update(text, "utf8").digest("hex");
}

/**
 * MD5 of message attributes (SQS Developer Guide, "Calculating the MD5 message digest for message attributes"): sorted
 * by name; name, data type and value each with a four-byte length; one byte between says string (1) or binary (2).
 */
export function attributesMd5(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).toSorted();
  if (names.length === 0) return undefined;
  const hash = createHash("md5");
  for (const name of names) {
    const attribute = attributes[name];
    if (!attribute) continue;
    hash.update(withLength(Buffer.from(name, "utf8")));
    hash.update(withLength(Buffer.from(attribute.DataType, "utf8")));
    const binary = attribute.DataType.startsWith("Binary");
    hash.update(Buffer.from([binary ? 2 : 1]));
    hash.update(
      withLength(
        Buffer.from(
          (binary ? attribute.BinaryValue : attribute.StringValue) ?? "",
          binary ? "base64" : "utf8",
        ),
      ),
    );
  }
  return hash.digest("hex");
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
