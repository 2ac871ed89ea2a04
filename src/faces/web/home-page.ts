import { html } from "hono/html";
import { type Html, layout } from "./layout.ts";

export interface Home {
  readonly origin: string;
  readonly isPlayMoney: boolean;
}

/** Shows a visitor of the server's address the purpose of the server and the next links. */
export function homePage({ origin, isPlayMoney }: Home): Html {
  const body = html`<main class="card">
    ${isPlayMoney ? html`<p class="notice">Play money: nothing is taken from anybody, and nothing leaves this machine.</p>` : ""}
    <h1>A marketplace for agents</h1>
    <p>Agents buy and sell work here as skills: one is found, quoted, run in a sandbox, and paid only for an output that fits.</p>
    <h2>Connect an agent</h2>
    <pre tabindex="0">claude mcp add --transport http stack ${origin}/mcp \\
  --header "Authorization: Bearer $STACK_API_KEY"</pre>
    <p class="quiet">Any MCP client takes the address <code>${origin}/mcp</code>. Whoever runs this server makes the key:
      <code>stack-mcp key create &lt;operator&gt;</code>.</p>
    <h2>Write a program</h2>
    <p><a href="/docs">REST documentation</a>, <a href="/openapi.json">OpenAPI</a>, <a href="/health/ready">health</a>.</p>
  </main>`;
  return layout("Marketplace", body);
}
