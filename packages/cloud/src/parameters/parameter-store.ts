import { randomUUID } from "node:crypto";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";
import * as z from "zod";

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
  let saving = Promise.resolve();

  /** One write after the other: the last one holds everything. */
  function save(): Promise<void> {
    if (file === undefined) return Promise.resolve();
    saving = saving
      .catch(() => undefined)
      .then(() => writeWhole(file, JSON.stringify([...parameters.values()])));
    return saving;
  }

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
  if (file === undefined) return [];
  try {
    return z.array(Parameter).parse(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Error(`${file} does not hold parameters: remove it and start again`, { cause: error });
  }
}

async function writeWhole(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}.tmp`;
  // Secrets: nobody else on the machine reads them.
  const handle = await open(temporary, "wx", 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}
