import type { Registry } from "@tallyman/domain/registry/registry";
import * as z from "zod";
import { invalidParameter } from "../core/errors.ts";
import type { Encryption } from "../storage/repositories.ts";

export const encryptionType = z.enum(["AES256", "KMS", "KMS_DSSE"]);

/** Fixed when a repository is created. */
export const encryptionConfiguration = z
  .object({ encryptionType, kmsKey: z.string().min(1).max(2048).optional() })
  .optional();

/** A creation template takes a whole key ARN, or an empty text for none. */
export const templateEncryptionConfiguration = z
  .object({
    encryptionType,
    kmsKey: z
      .string()
      .max(2048)
      .regex(/^(?:|arn:aws[a-z0-9-]*:kms:[a-z0-9-]+:[0-9]{12}:key\/[a-z0-9-]+)$/)
      .optional(),
  })
  .optional();

type EncryptionInput = {
  readonly encryptionType: Encryption["encryptionType"];
  readonly kmsKey?: string | undefined;
};

/**
 * A key may be given by id, alias or ARN, and is kept as an ARN; without one it is AWS's own, `alias/aws/ecr`. There is no KMS
 * here: whether the key exists is not looked at. Throws InvalidParameterException for a key with AES256 or of another Region.
 */
export function toEncryption(input: EncryptionInput | undefined, registry: Registry): Encryption {
  if (input === undefined) return { encryptionType: "AES256" };
  const { encryptionType: type, kmsKey } = input;
  const given = kmsKey === "" ? undefined : kmsKey;
  if (type === "AES256") {
    if (given !== undefined) throw invalidKey("must not be given with the encryption type AES256");
    return { encryptionType: type };
  }
  const key = toKeyArn(given ?? "alias/aws/ecr", registry);
  if (key.split(":")[3] !== registry.region) throw invalidKey("must be a key of the repository's Region");
  return { encryptionType: type, kmsKey: key };
}

function toKeyArn(key: string, { account, region }: Registry): string {
  if (key.startsWith("arn:")) return key;
  return `arn:aws:kms:${region}:${account}:${key.startsWith("alias/") ? key : `key/${key}`}`;
}

function invalidKey(constraint: string): Error {
  return invalidParameter("encryptionConfiguration.kmsKey", constraint);
}
