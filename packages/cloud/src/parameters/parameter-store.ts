import * as z from "zod";
import { keepWhole, readKept } from "../kept-file.ts";

const Parameter = z.object({
  account: z.string(),
  region: z.string(),
  /** As given: `/app/token` or `token`. */
  name: z.string(),
  type: z.enum(["String", "StringList", "SecureString"]),
  value: z.string(),
  version: z.number(),
  /** ISO 8601, by the cloud's clock. */
  lastModified: z.string(),
});
export type Parameter = z.infer<typeof Parameter>;

export type ParameterStore = {
  find(place: Pick<Parameter, "account" | "region" | "name">): Parameter | undefined;
  /** Durable when it resolves. */
  put(parameter: Parameter): Promise<void>;
  clear(): Promise<void>;
};

/** Parameters in memory and, with a file, written through to it whole. */
export async function openParameterStore(file: string | undefined): Promise<ParameterStore> {
  const parameters = new Map((await load(file)).map((parameter) => [keyOf(parameter), parameter]));
  const save = keepWhole(file, () => JSON.stringify([...parameters.values()]));
  return {
    find: (place) => parameters.get(keyOf(place)),
    async put(parameter) {
      parameters.set(keyOf(parameter), parameter);
      await save();
    },
    async clear() {
      parameters.clear();
      await save();
    },
  };
}

function keyOf({ account, region, name }: Pick<Parameter, "account" | "region" | "name">): string {
  return `${account} ${region} ${name}`;
}

async function load(file: string | undefined): Promise<readonly Parameter[]> {
  return (await readKept(file, z.array(Parameter), "parameters")) ?? [];
}
