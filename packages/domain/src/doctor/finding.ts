import type { Unseen } from "./looked.ts";

/** `unknown`: it could not be looked at, which is never taken for `ok`. */
export const VERDICTS = ["ok", "warning", "problem", "unknown"] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What the opinion rests on, for machines: names, ARNs, versions. */
export type Evidence = Readonly<Record<string, string | readonly string[]>>;

/** What one check says of one thing. */
export type DoctorFinding = {
  /** Kebab-case: `image-there`. */
  readonly check: string;
  /** What was looked at: `service prod/web`. */
  readonly subject: string;
  readonly verdict: Verdict;
  readonly reason: string;
  /** What to do about it; absent where all is well. */
  readonly remedy?: string;
  readonly evidence: Evidence;
};

/** A finding before it is said of what. */
export type Opinion = Omit<DoctorFinding, "check" | "subject">;

/** An opinion with the name of the check that gave it. */
export type Said = Opinion & Pick<DoctorFinding, "check">;

/** What the checks say, as findings of one subject. */
export function subject(name: string, said: readonly Said[]): readonly DoctorFinding[] {
  return said.map(({ check, ...opinion }) => ({ check, subject: name, ...opinion }));
}

export function fine(reason: string, evidence: Evidence = {}): Opinion {
  return { verdict: "ok", reason, evidence };
}

export function warning(reason: string, remedy: string, evidence: Evidence = {}): Opinion {
  return { verdict: "warning", reason, remedy, evidence };
}

export function problem(reason: string, remedy: string, evidence: Evidence = {}): Opinion {
  return { verdict: "problem", reason, remedy, evidence };
}

/** `what` could not be looked at: says which action it would take. */
export function unknown(what: string, unseen: Unseen, evidence: Evidence = {}): Opinion {
  const { action, reason, refused } = unseen;
  const remedy = refused
    ? `Allow ${action} to whoever runs this, and run it again.`
    : `Run it again. If it stays so, see why ${action} fails.`;
  return {
    verdict: "unknown",
    reason: `${what} could not be looked at: ${reason}`,
    remedy,
    evidence: { ...evidence, action },
  };
}

/** Something that was asked for by name, and is not there to be looked at. */
export function absent(what: string): Opinion {
  return {
    verdict: "unknown",
    reason: `there is no ${what}`,
    remedy: "Check its name, the Region and the account.",
    evidence: {},
  };
}

export type Tally = Readonly<Record<Verdict, number>>;

export function tallyOf(findings: readonly Pick<DoctorFinding, "verdict">[]): Tally {
  const count = (verdict: Verdict) => findings.filter((it) => it.verdict === verdict).length;
  return {
    ok: count("ok"),
    warning: count("warning"),
    problem: count("problem"),
    unknown: count("unknown"),
  };
}
