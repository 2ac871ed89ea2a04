import { createHmac, timingSafeEqual } from "node:crypto";
import { isId } from "../../shared/ids.ts";

/** What a payment link stands for. Whoever has the link can pay it, and nothing else. */
export interface PaymentOrder {
  readonly topupId: string;
  readonly operatorId: string;
  readonly amountCents: number;
  readonly expiresAt: number;
}

const MOST_CHARS = 400;

/** The order and an HMAC-SHA256 over it: nobody else can make one, and a payment need not be recorded before it is opened. */
export function sealLink(key: Buffer, { topupId, operatorId, amountCents, expiresAt }: PaymentOrder): string {
  const payload = Buffer.from(JSON.stringify([topupId, operatorId, amountCents, expiresAt])).toString("base64url");
  return `${payload}.${macOf(key, payload).toString("base64url")}`;
}

/** Undefined for what was not made here. */
export function openLink(key: Buffer, text: string): PaymentOrder | undefined {
  const [payload = "", mac = "", ...rest] = text.slice(0, MOST_CHARS).split(".");
  const [expected, given] = [macOf(key, payload), Buffer.from(mac, "base64url")];
  if (rest.length > 0 || expected.length !== given.length || !timingSafeEqual(expected, given)) return undefined;
  if (given.toString("base64url") !== mac) return undefined;
  const [topupId, operatorId, amountCents, expiresAt] = JSON.parse(Buffer.from(payload, "base64url").toString()) as [
    string,
    string,
    number,
    number,
  ];
  return isId("tup", topupId) ? { topupId, operatorId, amountCents, expiresAt } : undefined;
}

function macOf(key: Buffer, payload: string): Buffer {
  return createHmac("sha256", key).update(payload).digest();
}
