import { styleText } from "node:util";
import { printable } from "./text.ts";

const LEVELS: Readonly<Record<number, readonly [string, "dim" | "green" | "yellow" | "red"]>> = {
  20: ["debug", "dim"],
  30: ["info ", "green"],
  40: ["warn ", "yellow"],
  50: ["error", "red"],
};
const FROM_HOUR = 11;
const TO_SECOND = 19;

/**
 * One JSON line of the log as a terminal shows it: the UTC time of day, level, message, then
 * `field=value`.
 */
export function readableLine(line: string): string {
  const { level, time, msg = "", ...fields } = JSON.parse(line) as Record<string, unknown>;
  const [name, color] = LEVELS[Number(level)] ?? [String(level), "dim"];
  const rest = Object.entries(fields).map(
    ([field, value]) => ` ${styled("dim", `${field}=`)}${plain(value)}`,
  );
  const clock = String(time).slice(FROM_HOUR, TO_SECOND);
  return `${styled("dim", clock)} ${styled(color, name)} ${plain(msg)}${rest.join("")}\n`;
}

function plain(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  // One entry stays one line, whatever others' text has in it.
  return printable(text).replace(/[\n\r\t]/g, (character) =>
    JSON.stringify(character).slice(1, -1),
  );
}

function styled(style: Parameters<typeof styleText>[0], text: string): string {
  return styleText(style, text, { stream: process.stderr });
}
