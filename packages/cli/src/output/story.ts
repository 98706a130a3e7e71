import { registryName } from "@tallyman/domain/registry/registry";
import type { Standing, Story, Told } from "../api/history-answers.ts";
import type { Context } from "../context.ts";
import { formatCause, formatDigest, formatTime } from "./format.ts";
import { describeHappening } from "./happening.ts";
import type { Column } from "./table.ts";

type Look = Pick<Context, "terminal" | "wide">;

/** Is it here, since when, under which tags, what happened to it: for people. */
export function tellStory(look: Look, name: string, story: Story): void {
  const { terminal } = look;
  tellTags(look, story);
  terminal.line(headline(name, story));
  if (story.here.length > 0) terminal.table(standingColumns(look), story.here);
  if (story.gone.length > 0) {
    section(look, "It was here, and is gone:");
    terminal.table(standingColumns(look), story.gone);
  }
  if (story.life.length > 0) {
    section(look, "What happened:");
    terminal.table(lifeColumns(story, look), story.life);
  }
  tellViolations(look, story);
  tellCertainty(look, story);
  if (story.more) terminal.note("there is more than is told here: ask for one registry with --registry");
}

function tellTags({ terminal, wide }: Look, { pointers }: Story): void {
  for (const it of pointers) {
    const where = it.digest === null ? "points nowhere" : `points to ${formatDigest(it.digest, wide)}`;
    const place = `${it.repository} in ${registryName(it)}`;
    terminal.line(`Tag ${it.tag} of ${place} ${where} since ${formatTime(it.since)} (${it.cause}).`);
  }
  if (pointers.length > 0) terminal.line("");
}

/** A tag that points nowhere is not here, even where the image is at which it pointed last. */
function headline(name: string, { here, pointers }: Story): string {
  if (here.length === 0) return `${name} is not here.`;
  if (pointers.length === 0 || pointers.some(({ digest }) => digest !== null)) return `${name} is here:`;
  return `${name} is not here, but the image that it was is:`;
}

function section({ terminal }: Look, title: string): void {
  terminal.line("");
  terminal.line(title);
}

function standingColumns({ wide, terminal }: Look): readonly Column<Standing>[] {
  const style = (it: Standing) => (it.state === "open" ? undefined : terminal.dim);
  return [
    { title: "REGISTRY", value: registryName, style },
    { title: "REPOSITORY", value: (it) => it.repository, style },
    { title: "DIGEST", value: (it) => formatDigest(it.digest, wide), style },
    { title: "STATE", value: (it) => (it.state === "open" ? it.status.toLowerCase() : "gone"), style },
    { title: "SINCE", value: (it) => formatTime(it.since), style },
    { title: "CAUSE", value: formatCause, style },
    { title: "PUSHED", value: (it) => formatTime(it.pushedAt), style },
    { title: "PULLED", value: (it) => formatTime(it.lastPulledAt), style },
    { title: "TAGS", value: (it) => it.tags.join(", ") || "-" },
  ];
}

/** Only the columns in which the lines differ. */
function lifeColumns({ life }: Story, { wide }: Look): readonly Column<Told>[] {
  const differ = ({ value }: Column<Told>) => new Set(life.map(value)).size > 1;
  const places: readonly Column<Told>[] = [
    { title: "REGISTRY", value: registryName },
    { title: "REPOSITORY", value: (it) => it.repository },
    { title: "DIGEST", value: (it) => formatDigest(it.digest, wide) },
  ];
  return [
    { title: "WHEN", value: (it) => formatTime(it.at) },
    ...places.filter(differ),
    { title: "WHAT", value: (it) => describeHappening(it, wide) },
  ];
}

function tellViolations(look: Look, { violations }: Story): void {
  if (violations.length === 0) return;
  section(look, "It breaks rules:");
  for (const it of violations) {
    const place = `${registryName(it)} ${it.repository}:${it.tag}`;
    look.terminal.line(`${place} ${it.rule}: ${it.reason} (since ${formatTime(it.openedAt)})`);
  }
}

function tellCertainty(look: Look, { sure }: Story): void {
  if (sure.length === 0) return;
  section(look, "How sure this is:");
  for (const it of sure) {
    const compared =
      it.reconciledAt === undefined ? "never compared" : `compared ${formatTime(it.reconciledAt)}`;
    const complete = it.completeSince === undefined ? "" : `, complete since ${formatTime(it.completeSince)}`;
    look.terminal.line(`${registryName(it)} ${it.repository}: ${compared}${complete}`);
    for (const unknown of it.unknown) look.terminal.line(`  ${unknown}`);
  }
}
