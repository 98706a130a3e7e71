import { Digest } from "../../image/digest.ts";
import { AccountId, type Registry } from "../../registry/registry.ts";
import { RepositoryName } from "../../registry/repository.ts";
import * as z from "../../zod.ts";
import { ENVELOPE } from "../envelope.ts";

/** CloudTrail writes `null` where there is nothing, and leaves members out at will. */
export const optional = <Schema extends z.ZodMiniType>(schema: Schema) =>
  z.pipe(
    z.nullish(schema),
    z.transform((value) => value ?? undefined),
  );

/** A text of others, cut where it is longer than anyone would read. */
export const words = (most: number) =>
  z.pipe(
    z.string(),
    z.transform((text) => text.slice(0, most)),
  );

/** A key of the deeds, so without their separator. */
const RecordId = z.string().check(z.regex(/^[\w-]{1,100}$/, "not the id of a CloudTrail record"));

/** Seconds are CloudTrail's resolution; as all times it is kept with milliseconds. */
const RecordTime = z.pipe(
  z.string().check(z.maxLength(40)),
  z.transform((text, context) => {
    const time = Date.parse(text);
    if (!Number.isNaN(time)) return new Date(time).toISOString();
    context.issues.push({ code: "custom", message: "not a time", input: text });
    return z.NEVER;
  }),
);

/** What every record has, of whichever kind. */
export const RECORD = {
  eventSource: z.literal("ecr.amazonaws.com"),
  eventID: RecordId,
  sharedEventID: optional(RecordId),
  eventTime: RecordTime,
  resources: optional(
    z.array(z.object({ ARN: optional(words(500)), accountId: optional(AccountId) })).check(z.maxLength(100)),
  ),
};

export const EVENT = ENVELOPE;

/** ECR's own limit is 300 characters; no other character than these is in a tag that was there. */
export const ImageTag = z.string().check(z.regex(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,299}$/, "not a tag"));

/** As the registry answered it. */
export const ImageId = z.object({ imageDigest: optional(Digest), imageTag: optional(ImageTag) });

/** As somebody asked for it: what is no digest, or no tag, may have been refused for that, and names nothing. */
export const AskedId = z.object({
  imageDigest: z.catch(optional(Digest), undefined),
  imageTag: z.catch(optional(ImageTag), undefined),
});

/** No more than a deed's place can count. */
export const MOST = 9_999;

type Located = {
  readonly account: string;
  readonly region: string;
  readonly detail: {
    readonly resources?:
      | readonly { readonly ARN?: string | undefined; readonly accountId?: string | undefined }[]
      | undefined;
  };
};

export function senderOf({ account, region }: Located): Registry {
  return { account, region };
}

const REPOSITORY_ARN = /^arn:aws[\w-]*:ecr:[\w-]+:(?<account>\d{12}):repository\/(?<repository>.+)$/;

/**
 * The repository that a record's `resources` name. Of a large call (100 KB of parameters) CloudTrail tells nothing else; of
 * a call from another account they say whose it is.
 */
export function resourceOf({ detail }: Located): { readonly account?: string; readonly repository?: string } {
  for (const { ARN, accountId } of detail.resources ?? []) {
    const { account, repository } = REPOSITORY_ARN.exec(ARN ?? "")?.groups ?? {};
    if (account !== undefined && RepositoryName.safeParse(repository).success) {
      return { account, ...(repository !== undefined && { repository }) };
    }
    if (accountId !== undefined) return { account: accountId };
  }
  return {};
}
