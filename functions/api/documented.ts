import type * as z from "zod";

/**
 * Something that only the OpenAPI document reads: built when somebody asks for the document, once. A start that answers
 * any other request has no use for it.
 */
export function documented<T>(build: () => T): () => T {
  let built: T | undefined;
  return () => {
    built ??= build();
    return built;
  };
}

/** The JSON body of an answer, for the OpenAPI document: nothing checks at run time what we answer ourselves. */
export function jsonBody<Schema extends z.ZodType>(build: () => Schema) {
  const schema = documented(build);
  return {
    "application/json": {
      get schema(): Schema {
        return schema();
      },
    },
  };
}
