import { digestOf, type Json } from "./json.ts";

/**
 * A JSON value that was written down once: whoever stores it, sends it or bounds it takes the text.
 */
export interface Measured<Value extends Json = Json> {
  readonly value: Value;
  readonly json: string;
  /** Of the text in UTF-8. */
  readonly bytes: number;
}

/** The input or the output of an invocation. Made before the transaction that stores it. */
export interface Payload<Value extends Json = Json> extends Measured<Value> {
  /** `sha256:` of the value's RFC 8785 text. */
  readonly digest: string;
}

export function measure<Value extends Json>(value: Value): Measured<Value> {
  return { value, ...sized(JSON.stringify(value)) };
}

/** The same of a text that was written before. */
export function measureText(json: string): Measured {
  return { value: JSON.parse(json) as Json, ...sized(json) };
}

/** Throws TypeError for a value without a canonical form: `jsonProblem` finds them. */
export function payloadOf<Value extends Json>(measured: Measured<Value>): Payload<Value> {
  return { ...measured, digest: digestOf(measured.value) };
}

function sized(json: string): { readonly json: string; readonly bytes: number } {
  return { json, bytes: Buffer.byteLength(json) };
}
