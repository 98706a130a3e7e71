import { type Evidence, fine, type Opinion, problem, warning } from "./finding.ts";
import type { Judgement } from "./judge-access.ts";

export type Wording = {
  /** `role web may ecr:BatchGetImage on prod/web` */
  readonly allowed: string;
  readonly refused: string;
  /** What to do where nothing allows it. */
  readonly grant: string;
  readonly evidence: Evidence;
  /** What a refusal is: `problem` unless said otherwise. */
  readonly refusedIs?: "problem" | "warning";
};

/** A judgement in words: refused with what to change, open with what was not seen or what it depends on. */
export function opinionOf(judgement: Judgement, wording: Wording): Opinion {
  const { allowed, refused, grant, evidence } = wording;
  if (judgement.verdict === "allowed") return fine(allowed, { ...evidence, allowedBy: judgement.by });
  if (judgement.verdict === "unknown") return open(judgement, wording);
  const { source, denials, message } = judgement;
  const say = wording.refusedIs === "warning" ? warning : problem;
  const because = denials.length > 0 ? `it is denied by ${denials.join("; ")}` : LACKS[source];
  const remedy =
    denials.length > 0 ? `Take it out of the Deny: ${denials.join("; ")}.` : remedyFor(source, grant);
  return say(`${refused}: ${because}`, remedy, { ...evidence, source, message, deniedBy: denials });
}

const LACKS = {
  identity: "no policy of the role allows it",
  boundary: "the role's permissions boundary does not allow it",
  session: "the session's policy does not allow it",
  resource: "the repository's policy does not allow it",
  trust: "the role's trust policy does not allow it",
} as const;

function remedyFor(source: keyof typeof LACKS, grant: string): string {
  return source === "boundary" ? "Allow it in the role's permissions boundary as well." : grant;
}

function open({ unseen, keys }: Judgement & { readonly verdict: "unknown" }, wording: Wording): Opinion {
  const actions = [...new Set(unseen.filter(({ refused }) => refused).map(({ action }) => action))];
  const reasons = [
    ...new Set(unseen.map(({ reason }) => reason)),
    ...keys.map((key) => `it depends on ${key}, which is not known here`),
  ];
  const remedies = [
    actions.length > 0 && `Allow ${actions.join(", ")} to whoever runs this, and run it again.`,
    keys.length > 0 && `Check by hand that ${keys.join(", ")} will be as the policies ask.`,
    actions.length === 0 && keys.length === 0 && "Run it again, or check by hand.",
  ];
  return {
    verdict: "unknown",
    reason: `${wording.allowed}? ${reasons.join("; ")}`,
    remedy: remedies.filter((it) => it !== false).join(" "),
    evidence: {
      ...wording.evidence,
      ...(actions.length > 0 && { actions }),
      ...(keys.length > 0 && { keys }),
    },
  };
}
