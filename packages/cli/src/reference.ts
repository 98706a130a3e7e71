import { UsageError } from "./errors.ts";

export type Reference = { readonly repository: string; readonly tag?: string };

/** `prod/web`, `prod/web:1.4.2`, or a repository and its tag as two words. Throws UsageError when both name a tag. */
export function parseReference(name: string, tag: string | undefined): Reference {
  const [repository = "", inName, ...rest] = name.split(":");
  if (rest.length > 0 || repository === "" || inName === "")
    throw new UsageError(`"${name}" is not a repository or repository:tag.`);
  if (inName !== undefined && tag !== undefined)
    throw new UsageError(`The tag is given twice: in "${name}" and as "${tag}".`);
  const chosen = inName ?? tag;
  return chosen === undefined ? { repository } : { repository, tag: chosen };
}
