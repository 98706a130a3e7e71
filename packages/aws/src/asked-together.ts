export type Questions<Question, Answer> = {
  /** Questions of different groups are never asked together. */
  groupOf(question: Question): string;
  /** Of the question in its group. */
  nameOf(question: Question): string;
  /**
   * Asks all at once. The answers by the names of their questions, each of which may still be on its way and fail by itself; a
   * question that has none is answered `undefined`.
   */
  ask(questions: readonly Question[]): Promise<Answers<Answer>>;
};

type Answers<Answer> = ReadonlyMap<string, Answer | Promise<Answer | undefined>>;

type Pending<Question, Answer> = {
  readonly questions: Map<string, Question>;
  readonly answers: Promise<Answers<Answer>>;
};

/**
 * What is asked in the same turn of the event loop is one `ask`: the messages of a batch ask for the same kinds of things at the
 * same time. An answer is never older than its question: nothing that was answered before is kept. When an `ask` fails, all
 * who wait for it are told.
 */
export function askedTogether<Question, Answer>({
  groupOf,
  nameOf,
  ask,
}: Questions<Question, Answer>): (question: Question) => Promise<Answer | undefined> {
  const groups = new Map<string, Pending<Question, Answer>>();

  function begin(group: string): Pending<Question, Answer> {
    const questions = new Map<string, Question>();
    const answers = endOfTurn().then(() => {
      groups.delete(group);
      return ask([...questions.values()]);
    });
    const begun = { questions, answers };
    groups.set(group, begun);
    return begun;
  }

  return async (question) => {
    const group = groupOf(question);
    const { questions, answers } = groups.get(group) ?? begin(group);
    questions.set(nameOf(question), question);
    return (await answers).get(nameOf(question));
  };
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
