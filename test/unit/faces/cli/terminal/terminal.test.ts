import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { Screen } from "../../../../../src/faces/cli/terminal/screen.ts";
import { Waiting } from "../../../../../src/faces/cli/terminal/waiting.ts";
import { systemClock } from "../../../../../src/shared/clock.ts";

function sink(columns?: number) {
  const written: string[] = [];
  const stream = new PassThrough({ encoding: "utf8" }).on("data", (text: string) =>
    written.push(text),
  );
  const terminal = Object.assign(stream, columns === undefined ? {} : { isTTY: true, columns });
  return { written, terminal };
}

/** A clock whose time passes when it is told. */
function handClock() {
  let now = 0;
  let tick: (() => void) | undefined;
  const every = (_ms: number, work: () => void) => {
    tick = work;
    return { cancel: () => (tick = undefined) };
  };
  const seconds = (count: number) => {
    for (let second = 0; second < count; second++) {
      now += 1_000;
      tick?.();
    }
  };
  return { clock: { ...systemClock, elapsed: () => now, every }, seconds };
}

test("shows work of more than a second, and clears the line before other output", async () => {
  const { clock, seconds } = handClock();
  const { written, terminal } = sink(80);
  const waiting = new Waiting(terminal, clock);
  const screen = new Screen(terminal, () => waiting.hide());
  await waiting.during(async () => {
    expect(written).toEqual([]);
    seconds(2);
    expect(written.at(-1)).toMatch(/working, 2 s$/);
    screen.say("half done");
    expect(written.slice(-2)).toEqual(["\r\u001b[2K", "half done\n"]);
  });
  const shown = written.length;
  seconds(5);
  expect(written).toHaveLength(shown);
});

test("shows no work that nobody watches", async () => {
  const { clock, seconds } = handClock();
  const { written, terminal } = sink();
  await new Waiting(terminal, clock).during(async () => seconds(60));
  expect(written).toEqual([]);
});

test("fits lines to the terminal, and never breaks a command", () => {
  const { written, terminal } = sink(44);
  const screen = new Screen(terminal);
  screen.pairs([["name", "a value of more words than one line of it takes"]]);
  expect(stripVTControlCharacters(written.join(""))).toBe(
    "  name  a value of more words than one line\n        of it takes\n",
  );
  screen.say("Then ask for it again with `stack-mcp skill list --json` at your leisure.");
  expect(written.at(-1)).toBe(
    "Then ask for it again with\n`stack-mcp skill list --json` at your\nleisure.\n",
  );
  screen.say("\u001b]0;pwned\u0007");
  expect(written.at(-1)).toBe("\\u001b]0;pwned\\u0007\n");
});
