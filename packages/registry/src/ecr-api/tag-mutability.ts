import * as z from "zod";
import { EcrError } from "../core/errors.ts";
import type { RepositorySettings } from "../storage/repositories.ts";

const ExclusionFilter = z.object({
  filterType: z.enum(["WILDCARD"]),
  filter: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[0-9a-zA-Z._*-]{1,128}$/),
});

/** The members that say how tags may move, in ECR's order of the values. */
export const imageTagMutability = z.enum([
  "IMMUTABLE",
  "MUTABLE",
  "MUTABLE_WITH_EXCLUSION",
  "IMMUTABLE_WITH_EXCLUSION",
]);
export const imageTagMutabilityExclusionFilters = z.array(ExclusionFilter).min(1).max(5).optional();

type TagMutabilityInput = {
  readonly imageTagMutability: z.infer<typeof imageTagMutability>;
  readonly imageTagMutabilityExclusionFilters?: z.infer<typeof imageTagMutabilityExclusionFilters>;
};
type TagMutabilitySettings = Pick<RepositorySettings, "tagMutability" | "exclusionFilters">;

/** Throws InvalidParameterException unless there are filters exactly where the mutability has exclusions. */
export function toTagMutability(input: TagMutabilityInput): TagMutabilitySettings {
  const { imageTagMutability: tagMutability, imageTagMutabilityExclusionFilters: filters } = input;
  const takesFilters = tagMutability.endsWith("_WITH_EXCLUSION");
  if (takesFilters !== (filters !== undefined)) {
    throw new EcrError(
      "InvalidParameterException",
      `ImageTagMutabilityExclusionFilters ${takesFilters ? "can't" : "must"} be null when imageTagMutability is set as ` +
        tagMutability,
    );
  }
  return { tagMutability, exclusionFilters: (filters ?? []).map(({ filter }) => filter) };
}

/** Both members as answers have them: without exclusions there is no list. */
export function fromTagMutability({ tagMutability, exclusionFilters }: TagMutabilitySettings): object {
  const filters = exclusionFilters.map((filter) => ({ filterType: "WILDCARD", filter }));
  return {
    imageTagMutability: tagMutability,
    imageTagMutabilityExclusionFilters: filters.length === 0 ? undefined : filters,
  };
}
