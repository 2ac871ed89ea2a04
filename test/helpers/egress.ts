import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { Egress, type EgressOptions, type EgressPolicy } from "../../src/egress/egress.ts";
import { EgressError } from "../../src/egress/egress-error.ts";
import type { Destination } from "../../src/egress/http-exchange.ts";
import { parseFetch } from "../../src/egress/request.ts";
import type { Json } from "../../src/shared/json.ts";

export const PUBLIC = "93.184.216.34";
export const fixture = (name: string) =>
  readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8");
export const ANYWHERE: EgressPolicy = {
  hosts: ["*", "localhost", "127.0.0.1", "[::1]"],
  secureOnly: false,
};

/** A way out that reaches nothing: what it would dial is noted. */
export function watched(options: Partial<EgressOptions> = {}) {
  const dialled: Destination[] = [];
  const dial = async (destination: Destination): Promise<Socket> => {
    dialled.push(destination);
    throw new Error("nothing is in reach of this test");
  };
  return { egress: new Egress({ allowLocal: [], dial, ...options }), dialled };
}

export async function send(egress: Egress, url: string, init: Json = null, policy = ANYWHERE) {
  return egress.send(parseFetch([url, init]), policy, new AbortController().signal);
}

export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "sent";
  } catch (error) {
    if (error instanceof EgressError) return error.code;
    throw error;
  }
}

/** A way out whose public addresses all lead to one port of this machine. */
export function leadingTo(port: number, options: Partial<EgressOptions> = {}) {
  const dialled: Destination[] = [];
  const dial = async (destination: Destination): Promise<Socket> => {
    dialled.push(destination);
    const socket = connect(port, "127.0.0.1");
    await new Promise((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return socket;
  };
  return {
    egress: new Egress({ allowLocal: [], dial, resolve: async () => [PUBLIC], ...options }),
    dialled,
  };
}
