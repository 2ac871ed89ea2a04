import { html, raw } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";

export type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** A whole page. `refresh`: it looks again by itself after so many seconds. */
export function layout(
  title: string,
  body: Html,
  options: { readonly refresh?: number; readonly wide?: boolean; readonly script?: string } = {},
): Html {
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="robots" content="noindex">
    ${options.refresh === undefined ? "" : html`<meta http-equiv="refresh" content="${options.refresh}">`}
    <title>${title} · stack-mcp</title>
    <link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
    <link rel="stylesheet" href="/assets/pages.css">
    ${options.script === undefined ? "" : html`<script src="${options.script}" defer></script>`}
  </head>
  <body${raw(options.wide ? ' class="wide"' : "")}>
    ${body}
  </body>
</html>
`;
}
