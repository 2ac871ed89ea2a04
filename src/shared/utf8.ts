const BOM = 0xfeff;

/**
 * Bytes as the text that they are, without a mark of byte order. Throws TypeError for bytes that
 * are no UTF-8.
 */
export function utf8(bytes: Uint8Array): string {
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  return text.charCodeAt(0) === BOM ? text.slice(1) : text;
}
