import type { Image } from "../image/image.ts";
import { type ImageUri, parseImageUri } from "../registry/image-uri.ts";
import { examineImage, repositoryOf } from "./examined-image.ts";
import type { FunctionFacts, Place } from "./facts.ts";
import { absent, type DoctorFinding, type Opinion, problem, type Said, subject, unknown } from "./finding.ts";
import { checkThere, referenceOf } from "./image-there.ts";
import { inOrder } from "./in-order.ts";
import { checkAccountMayPull, checkLambdaMayPull } from "./lambda-access.ts";
import { checkFunctionState, checkLambdaRegion, checkNoIndex, checkResolved } from "./lambda-image.ts";
import type { LambdaLook, RegistryLook, RoleLook } from "./ports.ts";
import { checkTrust } from "./trust.ts";

export type LambdaDoctorLook = LambdaLook & Pick<RoleLook, "findRole"> & RegistryLook;
export type LambdaScope = { readonly place: Place; readonly function?: string };

/** What stands in the way of Lambda running functions from images: every version of each. */
export async function* examineLambda(
  look: LambdaDoctorLook,
  scope: LambdaScope,
): AsyncIterable<DoctorFinding> {
  const listed = await look.listFunctions(scope.function);
  if ("unseen" in listed) {
    yield {
      check: "functions",
      subject: `region ${scope.place.region}`,
      ...unknown("functions", listed.unseen),
    };
    return;
  }
  if (scope.function !== undefined && !listed.seen?.length) {
    const what = `function ${scope.function} that is made from an image`;
    return yield* subject(`function ${scope.function}`, [{ check: "function", ...absent(what) }]);
  }
  yield* inOrder(listed.seen ?? [], async (found) =>
    "unseen" in found
      ? subject("functions", [{ check: "function", ...unknown("a function", found.unseen) }])
      : examineFunction(look, found.seen, scope.place),
  );
}

async function examineFunction(
  look: LambdaDoctorLook,
  fn: FunctionFacts,
  place: Place,
): Promise<readonly DoctorFinding[]> {
  return subject(`function ${fn.name}:${fn.version}`, [
    { check: "state", ...checkFunctionState(fn) },
    { check: "trust", ...(await trustOpinion(look, fn, place)) },
    ...(await imageSays(look, fn, place)),
  ]);
}

async function trustOpinion(look: LambdaDoctorLook, { role }: FunctionFacts, place: Place): Promise<Opinion> {
  const found = await look.findRole(role);
  if ("unseen" in found) return unknown(`execution role ${role}`, found.unseen, { role });
  if (found.seen) return checkTrust(found.seen, "lambda", place);
  return problem(`execution role ${role} does not exist`, "Create it, or give the function another.", {
    role,
  });
}

async function imageSays(look: LambdaDoctorLook, fn: FunctionFacts, place: Place): Promise<readonly Said[]> {
  const { said, uri, image } = await examineImage(look, fn.image, place);
  if (uri === undefined) return said;
  const target = { repository: repositoryOf(uri), policy: await look.findPolicy(repositoryOf(uri)) };
  const running = await runningImage(look, fn, { uri, image });
  const opinions = (check: string, given: readonly Opinion[]) => given.map((it) => ({ check, ...it }));
  return [
    ...said,
    ...running.said,
    { check: "region", ...checkLambdaRegion(uri, fn.image, place) },
    ...(running.image ? [{ check: "no-index", ...checkNoIndex(uri, running.image) }] : []),
    ...opinions("lambda-may-pull", checkLambdaMayPull(fn, target, place)),
    ...opinions("account-may-pull", checkAccountMayPull(target, place)),
  ];
}

type Named = { readonly uri: ImageUri; readonly image: Image | undefined };

/** The image to which Lambda resolved the tag: it must stay, whatever the tag points to by now. */
async function runningImage(
  look: LambdaDoctorLook,
  { resolvedImage = "" }: FunctionFacts,
  { uri, image }: Named,
): Promise<{ readonly said: readonly Said[]; readonly image?: Image }> {
  const resolved = parseImageUri(resolvedImage);
  if (resolved?.digest === undefined || resolved.digest === uri.digest)
    return { said: [], ...(image && { image }) };
  const moved: readonly Said[] = image
    ? [{ check: "resolved", ...checkResolved(uri, resolved.digest, image) }]
    : [];
  if (image?.digest === resolved.digest) return { said: moved, image };
  const found = await look.findImage({
    repository: repositoryOf(resolved),
    reference: referenceOf(resolved),
  });
  const there = "seen" in found ? found.seen : undefined;
  const said = [...moved, { check: "running-there", ...checkThere(resolved, found) }];
  return { said, ...(there && { image: there }) };
}
