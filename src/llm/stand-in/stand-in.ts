import type { LlmAnswer, LlmCall, LlmProvider } from "../llm-call.ts";
import { readFields, readShape, schemaOf } from "./shape.ts";

const CHARS_PER_TOKEN = 4;
const NO_MODEL = "No model answered: the stand-in of stack-mcp did, and it writes no text.";

/**
 * Answers without a model, so that the whole paid loop can be tried offline. It reads what stands
 * in the user message: the figures of an invoice, `Name: value` lines, addresses and choices, in
 * the shape that is wanted. What it does not find is null. It is no model and says so.
 */
export const standIn: LlmProvider = {
  async complete(call: LlmCall): Promise<LlmAnswer> {
    const text = answerTo(call);
    const prompt = `${call.systemPrompt ?? ""}${call.userMessage}`;
    return {
      text,
      inputTokens: tokens(prompt),
      outputTokens: tokens(text),
      isCut: false,
      standIn: true,
    };
  },
};

function answerTo({ userMessage, wanted }: LlmCall): string {
  const { schema, isLast } = wanted ?? { schema: true, isLast: false };
  if (isLast && schemaOf(schema)?.type === "string") return NO_MODEL;
  const places = schemaOf(schemaOf(schema)?.properties);
  // A script that comes next may look for other names than the output has.
  const fields = isLast && places ? {} : readFields(userMessage);
  return JSON.stringify({ ...fields, ...(places ? readShape(userMessage, places) : {}) });
}

function tokens(text: string): number {
  return Math.ceil(text.length / CHARS_PER_TOKEN);
}
