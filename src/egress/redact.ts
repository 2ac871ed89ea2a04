const REDACTED = "[redacted]";
/** Base64 of something shorter says too little to be looked for. */
const SHORTEST_CORE = 6;

/**
 * Takes a secret, which is printable ASCII, out of whatever comes back: as it is and in its usual encodings, also inside a longer text that was
 * base64-encoded whole. What a service does to a secret beyond that is between it and whoever connected it.
 */
export class Redactor {
  readonly #forms: readonly string[];

  constructor(secrets: readonly string[]) {
    const forms = new Set(secrets.filter((secret) => secret !== "").flatMap(formsOf));
    // Longer ones first, so that no part of one is left behind.
    this.#forms = [...forms].sort((a, b) => b.length - a.length);
  }

  text(text: string): string {
    return this.#forms.reduce((clean, form) => clean.replaceAll(form, REDACTED), text);
  }

  /** Byte for byte: what is not text stays as it is. */
  bytes(bytes: Buffer): Buffer {
    const text = bytes.toString("latin1");
    const clean = this.text(text);
    return clean === text ? bytes : Buffer.from(clean, "latin1");
  }
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const hex = bytes.toString("hex");
  const escaped = JSON.stringify(secret).slice(1, -1);
  const urls = [encodeURIComponent(secret), new URLSearchParams([["", secret]]).toString().slice(1)];
  return [
    secret,
    hex,
    hex.toUpperCase(),
    escaped,
    escaped.replaceAll("/", "\\/"),
    ...urls,
    ...urls.map((url) => url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())),
    htmlOf(secret),
    ...cores(bytes, "base64"),
    ...cores(bytes, "base64url"),
  ];
}

/** The part of a base64 text that depends on the secret alone, for each of the three places it can begin at. */
function cores(secret: Buffer, encoding: "base64" | "base64url"): string[] {
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

function htmlOf(secret: string): string {
  return secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
