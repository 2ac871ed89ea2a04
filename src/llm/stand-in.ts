import type { LlmAnswer, LlmCall, LlmProvider } from "./llm-call.ts";

const CHARS_PER_TOKEN = 4;
const MESSAGE_CHARS = 200_000;
const NAME = /^[A-Za-z][A-Za-z0-9 _-]{0,63}$/;
const AMOUNT_CHARS = 40;
const AMOUNT = /^(?:([A-Z]{3}) )?[$€£¥]? ?(-?\d[\d,]*(?:\.\d+)?) ?(?:([A-Z]{3})|[$€£¥])?$/;

/**
 * Answers without a model, so that the whole paid loop can be tried offline: the `Name: value` lines of the user message
 * become compact JSON, amounts without their currency sign, a currency code as `currency`. It is no model and says so.
 */
export const standIn: LlmProvider = {
  async complete(call: LlmCall): Promise<LlmAnswer> {
    const text = JSON.stringify(readFields(call.userMessage));
    const asked = `${call.systemPrompt ?? ""}${call.userMessage}`;
    return { text, inputTokens: tokens(asked), outputTokens: tokens(text), isCut: false, standIn: true };
  },
};

function readFields(message: string): Record<string, string | number> {
  const fields = new Map<string, string | number>();
  for (const line of message.slice(0, MESSAGE_CHARS).split("\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon)).trim();
    const value = line.slice(colon + 1).trim();
    if (!NAME.test(name) || value === "") continue;
    const { amount, currency } = readAmount(value);
    fields.set(name.toLowerCase().replaceAll(/[ -]/g, "_"), amount ?? value);
    if (currency !== undefined && !fields.has("currency")) fields.set("currency", currency);
  }
  return Object.fromEntries(fields);
}

function readAmount(value: string): { amount?: number; currency?: string | undefined } {
  const found = value.length <= AMOUNT_CHARS ? AMOUNT.exec(value) : null;
  if (!found?.[2]) return {};
  return { amount: Number(found[2].replaceAll(",", "")), currency: found[1] ?? found[3] };
}

function tokens(text: string): number {
  return Math.ceil(text.length / CHARS_PER_TOKEN);
}
