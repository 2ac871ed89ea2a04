/** True of the `Accept` of a browser that a person sits before: it names HTML first. */
export function namesHtmlFirst(accept: string | undefined): boolean {
  return accept?.trimStart().startsWith("text/html") === true;
}
