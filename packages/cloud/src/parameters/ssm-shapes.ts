import { createHash } from "node:crypto";
import * as z from "zod";
import type { Parameter } from "./parameter-store.ts";

const Name = z
  .string()
  .regex(/^\/?[\w.-]+(\/[\w.-]+){0,14}$/, "a parameter name has letters, digits and .-_ between slashes");
const WithDecryption = z.boolean().default(false);

export const GetParameterInput = z.object({ Name, WithDecryption });
export const GetParametersInput = z.object({ Names: z.array(Name).min(1).max(10), WithDecryption });
export const PutParameterInput = z.object({
  Name,
  /** The standard tier holds 4 KB. */
  Value: z.string().min(1).max(4096),
  Type: z.enum(["String", "StringList", "SecureString"]).optional(),
  Overwrite: z.boolean().default(false),
});

/** A parameter as SSM answers it. A SecureString that nobody asked to decrypt shows nothing of its value. */
export function showParameter(parameter: Parameter, decrypt: boolean) {
  const { account, region, name, type, value, version, lastModified } = parameter;
  return {
    Name: name,
    Type: type,
    Value: type === "SecureString" && !decrypt ? sealed(parameter) : value,
    Version: version,
    LastModifiedDate: Date.parse(lastModified) / 1000,
    ARN: `arn:aws:ssm:${region}:${account}:parameter/${name.replace(/^\//, "")}`,
    DataType: "text",
  };
}

/** Stands for the ciphertext: the same for the same version, without the value in it. */
function sealed({ name, version, lastModified }: Parameter): string {
  return createHash("sha512").update(`${name} ${version} ${lastModified}`).digest("base64");
}
