/** What a use may not be called, and how long it may be (evidence.ts in the domain). */
const UNFIT = /[^\w.:/@$+=,*() -]/g;
const LONGEST = 256;

/** A name of AWS's as part of a use's key: names that customers choose freely (task groups) are made to fit. */
export function keyText(name: string): string {
  return name.replaceAll(UNFIT, "_").slice(0, LONGEST) || "_";
}
