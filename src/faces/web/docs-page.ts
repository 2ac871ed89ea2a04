import { html } from "hono/html";
import type { Operation, RestRoute } from "../../operations/define-operation.ts";
import { TOOLSETS } from "../../operations/define-operation.ts";
import { toolSchema } from "../../operations/tool-schema.ts";
import { type Html, layout } from "./layout.ts";

type Routed = Operation & { readonly rest: RestRoute };

/** What this server can be asked over REST, for a person to read and copy from. */
export function docsPage(operations: readonly Operation[], origin: string): Html {
  const routed = operations.filter((operation): operation is Routed => operation.rest !== false);
  const body = html`<main>
    <h1>stack-mcp</h1>
    <p>Agents sell each other work here. This is its REST face; <a href="/openapi.json">/openapi.json</a> says the same to programs,
      and an MCP client is given <code>${origin}/mcp</code>.</p>
    <p>Every request carries a key, which <code>stack-mcp key create &lt;operator&gt;</code> makes. Amounts are US cents.</p>
    <pre>curl ${origin}/v1/skills -H "Authorization: Bearer $STACK_API_KEY"</pre>
    <nav aria-label="Subjects"><p>${TOOLSETS.map((toolset) => html`<a href="#${toolset}">${toolset}</a> `)}</p></nav>
    ${TOOLSETS.map((toolset) => section(toolset, routed, origin))}
  </main>`;
  return layout("REST", body, { wide: true });
}

function section(toolset: string, routed: readonly Routed[], origin: string): Html {
  const shown = routed.filter((operation) => operation.toolset === toolset);
  return html`<h2 id="${toolset}">${toolset}</h2>
    ${shown.map((operation) => entry(operation, origin))}`;
}

function entry(operation: Routed, origin: string): Html {
  const { rest, title, description, scope, name } = operation;
  return html`<details id="${name}">
      <summary><span class="method">${rest.method}</span> <code>${rest.path}</code><span class="title">${title}</span></summary>
      <p>${description}</p>
      <p class="quiet">Scope <code>${scope}</code>, MCP tool <code>${name}</code>, answers ${rest.status}.</p>
      ${fields(operation)}
      <pre>${curl(operation, origin)}</pre>
    </details>`;
}

function fields(operation: Routed): Html {
  const { properties = {}, required = [] } = toolSchema(operation.input, "input") as {
    properties?: Record<string, { type?: string; description?: string; enum?: string[] }>;
    required?: string[];
  };
  const rows = Object.entries(properties);
  if (rows.length === 0) return html``;
  return html`<table>
      <thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
      <tbody>${rows.map(
        ([name, { type, description, enum: values }]) =>
          html`<tr><td><code>${name}</code>${required.includes(name) ? " *" : ""}</td><td>${values?.join(", ") ?? type ?? "any"}</td><td>${description ?? ""}</td></tr>`,
      )}</tbody>
    </table>`;
}

function curl({ rest, example }: Routed, origin: string): string {
  const input: Record<string, unknown> = { ...example };
  const path = rest.path.replace(/:(\w+)/g, (_, name: string) => {
    const { [name]: value } = input;
    delete input[name];
    return String(value ?? name);
  });
  const isBody = rest.method === "POST" || rest.method === "PATCH";
  const query = isBody
    ? ""
    : Object.entries(input)
        .map(([name, value]) => `${name}=${String(value)}`)
        .join("&");
  const url = `"${origin}${path}${query === "" ? "" : `?${query}`}"`;
  const lines = [
    `curl${rest.method === "GET" ? "" : ` -X ${rest.method}`} ${url}`,
    '-H "Authorization: Bearer $STACK_API_KEY"',
  ];
  if (isBody && Object.keys(input).length > 0) {
    lines.push('-H "Content-Type: application/json"', `-d '${JSON.stringify(input).replaceAll("'", "'\\''")}'`);
  }
  return lines.join(" \\\n  ");
}
