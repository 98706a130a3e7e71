import { IMAGES } from "./001-images.ts";
import { ACCOUNT_SETTINGS } from "./002-account-settings.ts";
import { ACTIVATION } from "./003-activation.ts";
import { REGISTRY_DOCUMENTS } from "./004-registry-documents.ts";
import { LAYERS_BY_DIGEST } from "./005-layers-by-digest.ts";
import { IMAGE_COUNTS } from "./006-image-counts.ts";
import { PREFIXES_WITHOUT_SLASH } from "./007-prefixes-without-slash.ts";

/**
 * The metadata schema, as the steps that lead to it: the data's version is the number of steps that it has seen. A step that
 * was released never changes; what is new is a step of its own at the end. Times are milliseconds since the epoch. STRICT
 * tables: SQLite itself holds the column types, which is what allows rows to be read without parsing each one.
 */
export const MIGRATIONS: readonly string[] = [
  IMAGES,
  ACCOUNT_SETTINGS,
  ACTIVATION,
  REGISTRY_DOCUMENTS,
  LAYERS_BY_DIGEST,
  IMAGE_COUNTS,
  PREFIXES_WITHOUT_SLASH,
];
