import * as z from "zod";

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** The keys that `schema` allows in the object at `path`, sorted; empty when the path leads to no object with fixed keys. */
export function allowedKeys(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  const root = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" });
  let places: readonly JsonSchema[] = [root];
  for (const step of path) places = places.flatMap(alternatives).flatMap((it) => into(it, step));
  return [...new Set(places.flatMap(alternatives).flatMap((it) => Object.keys(it.properties ?? {})))].sort();
}

function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  const parts = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  return [schema, ...parts.filter(isSchema).flatMap(alternatives)];
}

function into(schema: JsonSchema, step: PropertyKey): readonly JsonSchema[] {
  const below =
    typeof step === "number"
      ? schema.items
      : (schema.properties?.[String(step)] ?? schema.additionalProperties);
  return isSchema(below) ? [below] : [];
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
