/**
 * The little world of the property test: three registries of two accounts, what lies in them, and what may run. It is named
 * by plain words, so that the oracle shares nothing with the product, not even how a digest or a registry is written.
 */

export const HOME = "111122223333";
export const OTHER = "444455556666";
/** An account in which nothing tells what runs. */
export const UNSEEN = "999988887777";

export type RegistryWord = "east" | "west" | "other";
export const REGISTRIES: Readonly<
  Record<RegistryWord, { readonly account: string; readonly region: string }>
> = {
  east: { account: HOME, region: "us-east-1" },
  west: { account: HOME, region: "us-west-2" },
  other: { account: OTHER, region: "us-east-1" },
};

/** `P2` is a platform of both indexes; `G` is a signature of `S1`; the `X` are used in one way alone. */
export const IMAGES = ["S1", "S2", "I1", "P1", "P2", "I2", "P3", "G", "X1", "X2", "X3", "X4"] as const;
export type Image = (typeof IMAGES)[number];
export const HOLDS: Readonly<Partial<Record<Image, readonly Image[]>>> = {
  I1: ["P1", "P2"],
  I2: ["P2", "P3"],
};
export const REFERS_TO: Readonly<Partial<Record<Image, Image>>> = { G: "S1" };

export type RepositoryWord = "app" | "copy" | "shop";
export const REPOSITORIES: Readonly<
  Record<
    RepositoryWord,
    { readonly registry: RegistryWord; readonly name: string; readonly images: readonly Image[] }
  >
> = {
  app: { registry: "east", name: "team/app", images: IMAGES },
  copy: { registry: "west", name: "team/app", images: ["S1", "I1", "P1", "P2", "G"] },
  shop: { registry: "other", name: "shop/web", images: ["S2", "I2", "P2", "P3"] },
};
export const REPOSITORY_WORDS = Object.keys(REPOSITORIES) as readonly RepositoryWord[];

export const TAGS = ["latest", "v1"] as const;
export type Tag = (typeof TAGS)[number];

/** Where something may run, which source sees it, and as what. */
export type Slot = {
  readonly source: "ecs" | "lambda" | "eks";
  readonly scope: RegistryWord | "shop";
  readonly account: string;
  readonly cluster: string;
  readonly service: string;
};
/** What is deployed and tagged by chance. */
export const COMMON = IMAGES.filter((image) => !image.startsWith("X"));

export const SLOTS: readonly Slot[] = [
  { source: "ecs", scope: "east", account: HOME, cluster: "prod", service: "service/web" },
  { source: "ecs", scope: "east", account: HOME, cluster: "prod", service: "service/batch" },
  { source: "ecs", scope: "west", account: HOME, cluster: "prod", service: "service/api" },
  { source: "ecs", scope: "other", account: OTHER, cluster: "main", service: "service/cart" },
  { source: "lambda", scope: "east", account: HOME, cluster: "", service: "function/resize" },
  { source: "eks", scope: "shop", account: OTHER, cluster: "shop", service: "deployment/cart" },
];

/** Every scope that must report: those of the sources that are collected, and the one that reports by itself. */
export type ScopeWord = Pick<Slot, "source" | "scope" | "account">;
export const SCOPES: readonly ScopeWord[] = [
  ...(["ecs", "lambda"] as const).flatMap((source) =>
    (Object.keys(REGISTRIES) as RegistryWord[]).map((scope) => ({
      source,
      scope,
      account: REGISTRIES[scope].account,
    })),
  ),
  { source: "eks", scope: "shop", account: OTHER },
];

/** Hours after which a report is too old, and for which what has stopped still counts. */
export const MAX_AGE = { collected: 3, own: 6 };
export const RECENTLY = 24;
/** How many revisions of a service before the last one may be gone back to. */
export const REVISIONS = 2;
