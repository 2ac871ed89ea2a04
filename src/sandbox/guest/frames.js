// @ts-check
"use strict";
/**
 * Length-prefixed frames: four bytes little-endian, then that many bytes of UTF-8. Both ends of the
 * pipe use them.
 */

const HEADER_BYTES = 4;

/**
 * @param {string} text
 * @returns {Buffer}
 */
function encodeFrame(text) {
  const bytes = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + bytes);
  frame.writeUInt32LE(bytes, 0);
  frame.write(text, HEADER_BYTES);
  return frame;
}

/**
 * Splits a byte stream into frames. A frame that announces more than `maxBytes` is refused before any of it is kept, and
 * nothing is read after it.
 * @param {number} maxBytes
 * @param {{ onFrame(text: string): void, onOversize(bytes: number): void }} handlers
 * @returns {(chunk: Buffer) => void}
 */
function frameReader(maxBytes, handlers) {
  /** @type {Buffer[]} */
  let chunks = [];
  let buffered = 0;
  let wanted = -1;
  let refused = false;

  /** @param {number} bytes */
  const take = (bytes) => {
    const all = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
    chunks = [all.subarray(bytes)];
    buffered -= bytes;
    return all.subarray(0, bytes);
  };

  return (chunk) => {
    if (refused) return;
    chunks.push(chunk);
    buffered += chunk.length;
    while (!refused) {
      if (wanted < 0) {
        if (buffered < HEADER_BYTES) return;
        wanted = take(HEADER_BYTES).readUInt32LE(0);
        if (wanted > maxBytes) {
          refused = true;
          chunks = [];
          handlers.onOversize(wanted);
          return;
        }
      }
      if (buffered < wanted) return;
      const text = take(wanted).toString("utf8");
      wanted = -1;
      handlers.onFrame(text);
    }
  };
}

module.exports = { encodeFrame, frameReader };
