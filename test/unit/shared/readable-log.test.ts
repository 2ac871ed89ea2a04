import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { readableLine } from "../../../src/shared/readable-log.ts";

test("writes a readable line, whose text commands no terminal", () => {
  const line = {
    level: 40,
    time: "2026-05-01T10:20:30.123Z",
    status: 404,
    route: "/\u001b[2J",
    msg: "request",
  };
  const shown = stripVTControlCharacters(readableLine(JSON.stringify(line)));
  expect(shown).toBe("10:20:30 warn  request status=404 route=/\\u001b[2J\n");
});
