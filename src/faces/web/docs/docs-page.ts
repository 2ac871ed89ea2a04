import { html } from "hono/html";
import type { Operation, RestRoute } from "../../../operations/define-operation.ts";

import { flatSchema, type SchemaNode } from "../../../operations/flat-schema.ts";
import { jsonSchemaOf, toolSchema } from "../../../operations/tool-schema.ts";
import { TOOLSET_WORDS, TOOLSETS, type Toolset } from "../../../operations/toolsets.ts";
import { type Html, layout } from "../layout.ts";
import { curlOf } from "./curl.ts";

type Routed = Operation & { readonly rest: RestRoute };

/** Deeper than this a table of fields is read by nobody. */
const MAX_LEVELS = 3;

/**
 * Shows what this server can be asked over REST, for a person to read and copy from. It reads
 * without JavaScript.
 */
export function docsPage(operations: readonly Operation[], origin: string): Html {
  const routed = operations.filter((operation): operation is Routed => operation.rest !== false);
  const sets = TOOLSETS.filter((toolset) =>
    routed.some((operation) => operation.toolset === toolset),
  );
  const body = html`<main>
    <h1>The REST face of stack-mcp</h1>
    <p>Agents sell each other work here. <a href="/openapi.json">/openapi.json</a> says the same to programs, and an MCP client is
      given <code>${origin}/mcp</code>, where each of these is a tool.</p>
    <p>Every request carries a key, which <code>stack-mcp key create &lt;operator&gt;</code> makes. Amounts are US cents. What is
      refused comes as <code>{"error": {"code", "message", "details", "retry"}}</code>; where money is missing, as
      <code>{"error": "insufficient_balance", "top_up_url", …}</code> with status 402.</p>
    <pre tabindex="0">curl ${origin}/v1/skills -H "Authorization: Bearer $STACK_API_KEY"</pre>
    <nav aria-label="Subjects"><ul class="subjects">${sets.map((set) => html`<li><a href="#${set}">${set}</a></li>`)}</ul></nav>
    <p class="filter" hidden><label>Filter <input type="search" id="filter" placeholder="refund, skills, POST …"></label>
      <span id="found" role="status"></span></p>
    ${sets.map((set) => section(set, routed, origin))}
  </main>`;
  return layout("REST", body, { wide: true, script: "/assets/docs.js" });
}

function section(toolset: Toolset, routed: readonly Routed[], origin: string): Html {
  const shown = routed.filter((operation) => operation.toolset === toolset);
  return html`<section aria-labelledby="${toolset}">
      <h2 id="${toolset}">${toolset}</h2>
      <p class="quiet">${TOOLSET_WORDS[toolset]}</p>
      ${shown.map((operation) => entry(operation, origin))}
    </section>`;
}

function entry(operation: Routed, origin: string): Html {
  const { rest, title, description, scope, audience, name } = operation;
  const whose = audience === "anyone" ? "No key is needed." : html`Scope <code>${scope}</code>.`;
  return html`<details id="${name}">
      <summary><span class="method">${rest.method}</span> <code>${rest.path}</code> <span class="title">${title}</span></summary>
      <p>${description}</p>
      <p class="quiet">${whose} MCP tool <code>${name}</code>.</p>
      ${fields("Request", toolSchema(operation.input, "input"))}
      <pre tabindex="0">${curlOf(operation, origin)}</pre>
      ${fields(`Answer, status ${rest.status}`, flatSchema(jsonSchemaOf(operation.output, "output")))}
    </details>`;
}

interface Field {
  readonly path: string;
  readonly isRequired: boolean;
  readonly type: string;
  readonly meaning: string;
}

function fields(caption: string, schema: SchemaNode): Html {
  const rows = fieldsIn(schema, "", MAX_LEVELS);
  if (rows.length === 0) return html``;
  return html`<div class="scrolled" tabindex="0" role="group" aria-label="${caption}"><table>
      <caption>${caption}</caption>
      <thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
      <tbody>${rows.map(
        ({ path, isRequired, type, meaning }) =>
          html`<tr><td><code>${path}</code>${isRequired ? html`<abbr title="required">*</abbr>` : ""}</td><td>${type}</td><td>${meaning}</td></tr>`,
      )}</tbody>
    </table></div>`;
}

/** Nested fields under the path that leads to them: `execution_steps[].type`. */
function fieldsIn(
  { properties = {}, required = [] }: SchemaNode,
  above: string,
  levels: number,
): Field[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const path = `${above}${name}`;
    const items = field.items as SchemaNode | undefined;
    const row = {
      path,
      isRequired: required.includes(name),
      type: typeOf(field),
      meaning: field.description ?? "",
    };
    if (levels === 1) return [row];
    const inner = items?.properties
      ? fieldsIn(items, `${path}[].`, levels - 1)
      : fieldsIn(field, `${path}.`, levels - 1);
    return [row, ...inner];
  });
}

function typeOf({ enum: values, type, items }: SchemaNode): string {
  if (values) return values.map(String).join(", ");
  if (type === "array" && items) return `list of ${typeOf(items as SchemaNode)}`;
  return type === undefined ? "any" : [type].flat().join(" or ");
}
