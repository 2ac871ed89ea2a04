import type { LlmAnswer, LlmCall, LlmProvider } from "./llm-call.ts";

const CHARS_PER_TOKEN = 4;
const LINE = /^\s*([A-Za-z][A-Za-z0-9 _-]{0,63}?)\s*:\s*(.+?)\s*$/;
const AMOUNT = /^(?:([A-Z]{3})\s+)?[$€£¥]?\s*(-?\d[\d,]*(?:\.\d+)?)\s*(?:([A-Z]{3})|[$€£¥])?$/;

/**
 * Answers without a model, so that the whole paid loop can be tried offline: the `Name: value` lines of the user message
 * become compact JSON, amounts without their currency sign, a currency code as `currency`. It is no model and says so.
 */
export const standIn: LlmProvider = {
  async complete(call: LlmCall): Promise<LlmAnswer> {
    const text = JSON.stringify(readFields(call.userMessage));
    const asked = `${call.systemPrompt ?? ""}${call.userMessage}`;
    return { text, inputTokens: tokens(asked), outputTokens: tokens(text), standIn: true };
  },
};

function readFields(message: string): Record<string, string | number> {
  const fields = new Map<string, string | number>();
  for (const line of message.split("\n")) {
    const [, name, value] = LINE.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const [, codeBefore, amount, codeAfter] = AMOUNT.exec(value) ?? [];
    fields.set(
      name.toLowerCase().replace(/[ -]+/g, "_"),
      amount === undefined ? value : Number(amount.replaceAll(",", "")),
    );
    const code = codeBefore ?? codeAfter;
    if (code !== undefined && !fields.has("currency")) fields.set("currency", code);
  }
  return Object.fromEntries(fields);
}

function tokens(text: string): number {
  return Math.ceil(text.length / CHARS_PER_TOKEN);
}
