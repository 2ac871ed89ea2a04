import { expect, test } from "vitest";
import { Redactor } from "../../src/egress/redact.ts";

const secret = 'k9+/"&secret<key>=7';
const redactor = new Redactor([secret]);
const encoders: [string, (text: string) => string][] = [
  ["as it is", (text) => text],
  ["JSON", (text) => JSON.stringify({ text })],
  ["base64", (text) => Buffer.from(text).toString("base64")],
  ["base64url", (text) => Buffer.from(text).toString("base64url")],
  ["hex", (text) => Buffer.from(text).toString("hex")],
  ["HEX", (text) => Buffer.from(text).toString("hex").toUpperCase()],
  ["a URL", (text) => encodeURIComponent(text)],
  ["a form", (text) => new URLSearchParams({ text }).toString()],
  ["Python's quote", (text) => encodeURIComponent(text).replaceAll("%2F", "/")],
  [
    "strict URLs",
    (text) =>
      encodeURIComponent(text).replace(
        /[!'()*]/g,
        (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
      ),
  ],
  ["a query as URLs write it", (text) => new URL(`http://x/?${text}`).search],
  [
    "Go's JSON",
    (text) => JSON.stringify(text).replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`),
  ],
  ["JSON in JSON", (text) => JSON.stringify(JSON.stringify(text))],
  ["HTML with numbers", (text) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)],
  ["UTF-16", (text) => Buffer.from(text, "utf16le").toString("latin1")],
  [
    "HTML",
    (text) =>
      text
        .replaceAll("&", "&amp;")
        .replaceAll("<", "&lt;")
        .replaceAll(">", "&gt;")
        .replaceAll('"', "&quot;"),
  ],
];
const around = ["", "a", "ab", "abc", "Bearer "];

test.each(encoders)("takes a secret out: %s", (_, encode) => {
  for (const before of around) {
    for (const after of around) {
      const clean = redactor.text(encode(`${before}${secret}${after}`));
      for (const [, form] of encoders) expect(clean).not.toContain(form(secret).slice(2, -4));
      expect(clean).toContain("[redacted]");
    }
  }
});

test("leaves the bytes around a secret as they are", () => {
  const before = Buffer.from([0xff, 0x00, 0xc3, 0x28]);
  const found = redactor.bytes(Buffer.concat([before, Buffer.from(secret), before]));
  expect(found).toEqual(Buffer.concat([before, Buffer.from("[redacted]"), before]));
  const clean = Buffer.concat([before, before]);
  expect(redactor.bytes(clean)).toBe(clean);
});
