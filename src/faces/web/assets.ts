/** The one style sheet of all pages, light and dark. */
export const STYLES = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#f6f5f2, #16181d);
  --card: light-dark(#ffffff, #1f232b);
  --ink: light-dark(#1d1f24, #eceef2);
  --quiet: light-dark(#5b606b, #a2a9b6);
  --line: light-dark(#dcdad4, #343a46);
  --accent: light-dark(#1f5fd0, #8ab4ff);
  --on-accent: light-dark(#ffffff, #0c1830);
  --notice: light-dark(#fff3cf, #3a3115);
  --notice-ink: light-dark(#5c4400, #ffe08a);
  --good: light-dark(#146c43, #7fd6a8);
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; padding: 1.5rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
body:not(.wide) { display: grid; grid-template-columns: minmax(0, 1fr); place-items: center; }
body.wide { max-width: 64rem; margin-inline: auto; }
main.card {
  width: min(26rem, 100%); background: var(--card); border: 1px solid var(--line); border-radius: 1rem;
  padding: 2rem; box-shadow: 0 1px 2px rgb(0 0 0 / .06), 0 12px 32px rgb(0 0 0 / .08);
}
h1 { font-size: 1.25rem; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 2.5rem 0 .75rem; }
p { margin: .5rem 0; }
.quiet { color: var(--quiet); }
.notice {
  background: var(--notice); color: var(--notice-ink); border-radius: .6rem; padding: .6rem .8rem; margin: 0 0 1.25rem;
  font-size: .925rem;
}
.amount { font-size: 2.5rem; font-weight: 650; letter-spacing: -.02em; margin: 1rem 0 .25rem; font-variant-numeric: tabular-nums; }
.good { color: var(--good); }
dl { display: grid; grid-template-columns: auto 1fr; gap: .35rem 1rem; margin: 1.25rem 0; }
dt { color: var(--quiet); }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
form { display: grid; gap: .6rem; margin: 1.5rem 0 0; }
button {
  font: inherit; font-weight: 600; padding: .8rem 1rem; border-radius: .6rem; border: 1px solid transparent; cursor: pointer;
  background: var(--accent); color: var(--on-accent);
}
button.plain { background: transparent; color: var(--ink); border-color: var(--line); font-weight: 500; }
button:hover { filter: brightness(1.06); }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: .3rem; }
code, pre { font: .875rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem; overflow-x: auto; margin: .75rem 0; }
.card pre { white-space: pre-wrap; overflow-wrap: anywhere; }
details { border-top: 1px solid var(--line); padding: .6rem 0; }
summary { cursor: pointer; }
summary .method { display: inline-block; min-width: 4rem; font-weight: 650; color: var(--accent); }
summary .title { color: var(--quiet); margin-left: .5rem; }
table { border-collapse: collapse; width: 100%; font-size: .925rem; }
caption { text-align: left; font-weight: 600; padding: .75rem 0 .25rem; }
td { overflow-wrap: anywhere; min-width: 5rem; }
.scrolled { overflow-x: auto; }
.wide code, .wide p { overflow-wrap: anywhere; }
ul.subjects { display: flex; flex-wrap: wrap; gap: .25rem 1rem; list-style: none; padding: 0; }
input { font: inherit; padding: .5rem .7rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--card); color: var(--ink); max-width: 100%; }
button.copy { padding: .25rem .7rem; font-size: .875rem; margin: -.25rem 0 .5rem; }
[hidden] { display: none !important; }
abbr { text-decoration: none; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-top: 1px solid var(--line); }
th { color: var(--quiet); font-weight: 500; border-top: 0; }
@media (forced-colors: active) { main.card, button { border: 1px solid; } }
`;

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f5fd0"/><g fill="none" stroke="#fff" stroke-width="2.5" stroke-linejoin="round"><path d="M6 12l10-5 10 5-10 5z"/><path d="M6 17l10 5 10-5"/><path d="M6 21.500l10 5 10-5"/></g></svg>`;
