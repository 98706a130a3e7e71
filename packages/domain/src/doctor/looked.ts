/** Why something was not seen: the action that failed (`iam:GetRole`), and whether it was refused to whoever looks. */
export type Unseen = { readonly action: string; readonly reason: string; readonly refused: boolean };

/** What was asked for, or why there is no answer. "That is not there" is an answer: `seen: undefined`. */
export type Looked<T> = { readonly seen: T } | { readonly unseen: Unseen };

/** The answer, turned into another one; what was not seen stays so. */
export function mapLooked<T, U>(looked: Looked<T>, turn: (seen: T) => U): Looked<U> {
  return "seen" in looked ? { seen: turn(looked.seen) } : looked;
}

/** Asks each question once: the same role, repository or image is asked for by many workloads. */
export function remembered<Q, A>(ask: (question: Q) => Promise<A>): (question: Q) => Promise<A> {
  const answers = new Map<string, Promise<A>>();
  return (question) => {
    const key = JSON.stringify(question);
    const answer = answers.get(key) ?? ask(question);
    answers.set(key, answer);
    return answer;
  };
}
