/** A line for the reader of the run, which `run.mjs` shows. */
export function say(text: string): void {
  // eslint-disable-next-line no-console -- the one way out of the extension host
  console.log(text.replace(/^/gm, "suite: "));
}
