import { EgressError } from "./egress-error.ts";

const REDACTED = "[redacted]";
/** Base64 of something shorter says too little to be looked for. */
const SHORTEST_CORE = 6;
/** A secret and an answer that are made for it could be compared for minutes. */
const MAX_COMPARISONS = 30_000_000;
const NAMED: Readonly<Record<string, readonly string[]>> = {
  "&": ["amp;"],
  "<": ["lt;"],
  ">": ["gt;"],
  '"': ["quot;"],
  "'": ["apos;"],
};

/** A secret to look for, character by character, however each of them is written. */
interface Form {
  readonly text: string;
  /** It may be broken into lines. */
  readonly wraps: boolean;
}

/**
 * Takes a secret, which is printable ASCII, out of whatever comes back: as it is, in base64 and in
 * hex, and each of these as URLs, JSON, HTML and UTF-16 write it. What a service does to a secret
 * beyond that is between it and whoever connected it.
 */
export class Redactor {
  readonly #forms: readonly Form[];
  /** 1 at each character that a form can begin with. */
  readonly #begins = new Uint8Array(256);

  constructor(secrets: readonly string[]) {
    const forms = secrets.filter((secret) => secret !== "").flatMap(formsOf);
    // Longer ones first, so that no part of one is left behind.
    this.#forms = forms.sort((a, b) => b.text.length - a.text.length);
    for (const { text } of forms) this.#begins[text.charCodeAt(0)] = 1;
    if (forms.length > 0) for (const mark of "%\\&") this.#begins[mark.charCodeAt(0)] = 1;
  }

  /** Throws EgressError when it cannot be told in time. */
  text(text: string): string {
    const clean: string[] = [];
    const budget = { comparisons: MAX_COMPARISONS };
    let kept = 0;
    let at = 0;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      const end = code < 256 && this.#begins[code] === 1 ? this.#endOf(text, at, budget) : -1;
      if (end < 0) {
        at++;
        continue;
      }
      clean.push(text.slice(kept, at), REDACTED);
      kept = end;
      at = end;
    }
    return clean.length === 0 ? text : clean.join("") + text.slice(kept);
  }

  /** Byte for byte: what is not text stays as it is. */
  bytes(bytes: Buffer): Buffer {
    const text = bytes.toString("latin1");
    const clean = this.text(text);
    return clean === text ? bytes : Buffer.from(clean, "latin1");
  }

  #endOf(text: string, at: number, budget: { comparisons: number }): number {
    for (const form of this.#forms) {
      const end = endOfForm(text, at, form, budget);
      if (end >= 0) return end;
    }
    return -1;
  }
}

function endOfForm(
  text: string,
  from: number,
  { text: form, wraps }: Form,
  budget: { comparisons: number },
): number {
  let at = from;
  for (let index = 0; index < form.length; index++) {
    if (--budget.comparisons < 0) {
      throw new EgressError(
        "UNREACHABLE",
        "proxy_fetch: the answer could not be searched for the secret in time.",
      );
    }
    if (wraps && index > 0) while (text[at] === "\n" || text[at] === "\r") at++;
    at = endOfCharacter(text, at, form[index] ?? "");
    if (at < 0) return -1;
    // UTF-16 has a zero byte beside each.
    if (text[at] === "\0") at++;
  }
  return at;
}

/** Behind the character that is written here; -1 when it is another one. */
function endOfCharacter(text: string, at: number, char: string): number {
  const here = text[at];
  const escaped = endOfEscape(text, at, char);
  if (escaped >= 0) return escaped;
  return here === char || (here === "+" && char === " ") ? at + 1 : -1;
}

function endOfEscape(text: string, at: number, char: string): number {
  switch (text[at]) {
    case "%":
      return endOfPercent(text, at + 1, char);
    case "\\":
      return endOfBackslashes(text, at, char);
    case "&":
      return endOfEntity(text, at + 1, char);
    default:
      return -1;
  }
}

/** `%2F`, or `%252F` where it was written twice. */
function endOfPercent(text: string, from: number, char: string): number {
  for (let at = from; ; at += 2) {
    if (Number.parseInt(text.slice(at, at + 2), 16) === char.charCodeAt(0)) return at + 2;
    if (!text.startsWith("25", at)) return -1;
  }
}

/** `\/`, `\u002f`, and either with more backslashes inside a text in a text. */
function endOfBackslashes(text: string, from: number, char: string): number {
  let at = from;
  while (text[at] === "\\") at++;
  if (text[at] === char) return at + 1;
  const isCode =
    text[at] === "u" && Number.parseInt(text.slice(at + 1, at + 5), 16) === char.charCodeAt(0);
  return isCode ? at + 5 : -1;
}

/** `&quot;`, `&#34;`, `&#x22;`. */
function endOfEntity(text: string, from: number, char: string): number {
  const name = NAMED[char]?.find((one) => text.startsWith(one, from));
  if (name !== undefined) return from + name.length;
  const number = /^#(?:0{0,8}(\d{1,3})|[xX]0{0,8}([0-9a-fA-F]{1,2}));/.exec(
    text.slice(from, from + 16),
  );
  if (!number) return -1;
  const code = number[1] === undefined ? Number.parseInt(number[2] ?? "", 16) : Number(number[1]);
  return code === char.charCodeAt(0) ? from + number[0].length : -1;
}

function formsOf(secret: string): Form[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString("hex");
  const cores = [...coresOf(bytes, "base64"), ...coresOf(bytes, "base64url")];
  return [
    ...[secret, hex, hex.toUpperCase()].map((text) => ({ text, wraps: false })),
    // What is base64-encoded whole may be broken into lines.
    ...[...new Set(cores)].map((text) => ({ text, wraps: true })),
  ];
}

/**
 * The part of a base64 text that depends on the secret alone, for each of the three places it can
 * begin at.
 */
function coresOf(secret: Buffer, encoding: "base64" | "base64url"): string[] {
  return [0, 1, 2].flatMap((before) => {
    const text = Buffer.concat([Buffer.alloc(before), secret])
      .toString(encoding)
      .replaceAll("=", "");
    const from = Math.ceil((before * 8) / 6);
    const to = Math.floor(((before + secret.length) * 8) / 6);
    const core = text.slice(from, to);
    return core.length >= SHORTEST_CORE ? [core] : [];
  });
}
