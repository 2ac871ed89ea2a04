const SEGMENT = /^[A-Za-z0-9_-]+$/;

/**
 * The bytes of a base64url segment in its one canonical spelling: no padding, no blanks, no bits to
 * spare. Undefined for any other.
 */
export function canonicalBytes(segment: string): Uint8Array | undefined {
  if (!SEGMENT.test(segment)) return undefined;
  const bytes = Buffer.from(segment, "base64url");
  return bytes.toString("base64url") === segment ? bytes : undefined;
}

/**
 * The object in a segment, if its text is what `JSON.stringify` writes of it: then no name is in it
 * twice, and nothing can be read in two ways.
 */
export function strictObject(segment: string): Record<string, unknown> | undefined {
  const object = anyObject(segment);
  const text = Buffer.from(segment, "base64url").toString("utf8");
  return object !== undefined && JSON.stringify(object) === text ? object : undefined;
}

/** The object in a segment, however it is laid out. */
export function anyObject(segment: string): Record<string, unknown> | undefined {
  const bytes = canonicalBytes(segment);
  if (!bytes) return undefined;
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? { ...value }
      : undefined;
  } catch {
    return undefined;
  }
}
