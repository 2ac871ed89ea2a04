import { createServer } from "node:http";
import { PLAN } from "./plan.mjs";

/**
 * A model provider that speaks the chat protocol and calls one tool after the other, by a plan.
 * Where a client made a tool's schema strict, every field is given, and those that are left out are
 * null, as such a model has to.
 */
export async function startStubModel() {
  const answers = [];
  const strict = new Set();
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const { messages, tools = [] } = JSON.parse(Buffer.concat(chunks).toString());
    const told = messages
      .filter(({ role }) => role === "tool")
      .map(({ content }) => textOf(content));
    answers.splice(0, answers.length, ...told);
    const step = PLAN[told.length];
    const message = step
      ? callOf(step, told, tools, strict, told.length)
      : { role: "assistant", content: "Done." };
    response.setHeader("content-type", "application/json");
    response.end(
      JSON.stringify({
        id: `chatcmpl-${told.length}`,
        object: "chat.completion",
        created: 1_700_000_000,
        model: "stub",
        choices: [
          { index: 0, message, finish_reason: step ? "tool_calls" : "stop", logprobs: null },
        ],
        usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
      }),
    );
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    baseUrl: `http://127.0.0.1:${server.address().port}/v1`,
    /** The answers that the model read, and the tools it knew as strict ones. */
    report: () => ({ answers, strict: [...strict] }),
    close: () => server.close(),
  };
}

function callOf({ tool, input }, told, tools, strict, index) {
  const known = tools.find(({ function: { name } }) => name.endsWith(tool));
  if (!known) return { role: "assistant", content: `There is no tool ${tool}.` };
  const { name, parameters, strict: isStrict } = known.function;
  const given = input(told.join("\n"));
  if (isStrict) strict.add(tool);
  const value = isStrict ? filled(parameters, given) : given;
  const call = {
    id: `call_${index}`,
    type: "function",
    function: { name, arguments: JSON.stringify(value) },
  };
  return { role: "assistant", content: null, tool_calls: [call] };
}

function filled(schema, value) {
  const branches = schema.anyOf ?? [schema];
  if (Array.isArray(value)) {
    const list = branches.find(({ items }) => items);
    return list ? value.map((item) => filled(list.items, item)) : value;
  }
  const object = branches.find(({ properties }) => properties);
  if (typeof value !== "object" || value === null || !object) return value;
  const entries = Object.entries(object.properties).map(([name, field]) => [
    name,
    name in value ? filled(field, value[name]) : null,
  ]);
  return Object.fromEntries(entries);
}

function textOf(content) {
  if (typeof content === "string") return content;
  return content.map((part) => part.text ?? JSON.stringify(part)).join("\n");
}
