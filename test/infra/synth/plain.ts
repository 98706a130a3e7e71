/** Marks a secret among Pulumi's inputs. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/** Inputs as Pulumi passes them to its mocks, as plain JSON: secrets opened, a file as its path. */
export async function plain(value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map(plain));
  if (typeof value !== "object" || value === null) return value;
  if (SIGNATURE in value && "value" in value) return plain(value.value);
  if ("__pulumiAsset" in value && "path" in value) return value.path;
  const entries = Object.entries(value).map(async ([key, item]) => [key, await plain(item)] as const);
  return Object.fromEntries(await Promise.all(entries));
}
