import { html } from "hono/html";
import type { DomainError } from "../../shared/errors.ts";
import { type Html, layout } from "./layout.ts";

/** Shows a title, a sentence, and a link to the home page. */
export function messagePage(title: string, message: string): Html {
  return layout(
    title,
    html`<main class="card"><h1>${title}</h1><p>${message}</p><p class="quiet"><a href="/">What this server is</a></p></main>`,
  );
}

/** The words above the sentence of an error. */
export function errorTitle({ code }: DomainError): string {
  return code.endsWith("NOT_FOUND") ? "There is nothing here" : "This did not work";
}

/** An error as a page of its own. */
export function errorHtml(error: DomainError): Html {
  return messagePage(errorTitle(error), error.message);
}
