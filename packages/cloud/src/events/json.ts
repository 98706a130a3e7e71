export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** The values below a field: none when it is missing, the elements of an array (nested arrays flattened), else itself. */
export function arrayEntries(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value.flatMap(arrayEntries) : [value];
}
