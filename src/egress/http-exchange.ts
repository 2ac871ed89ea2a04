import { type IncomingMessage, request as sendHttp } from "node:http";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, zstdDecompress } from "node:zlib";
import { LIMITS } from "../shared/limits.ts";
import type { Secret } from "../shared/secret.ts";
import { PROGRAM } from "../shared/version.ts";
import { EgressError } from "./egress-error.ts";
import type { EgressRequest } from "./request.ts";

/**
 * The destination of a request: an address that has been checked. No name is looked up behind it.
 */
export interface Destination {
  readonly address: string;
  readonly port: number;
}

export interface EgressResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Opens a plain connection. Rejects when there is none. */
export type Dial = (destination: Destination, signal: AbortSignal) => Promise<Socket>;

/** They describe the transfer, which ends here. */
const TRANSFER_HEADERS = [
  "connection",
  "content-encoding",
  "content-length",
  "keep-alive",
  "transfer-encoding",
];
type Decoder = (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>;
const DECODERS: Readonly<Record<string, Decoder>> = {
  gzip: promisify(gunzip),
  "x-gzip": promisify(gunzip),
  deflate: promisify(inflate),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
};

/**
 * One request and its whole response, over a connection of its own. Throws EgressError, or what the
 * network says.
 */
export async function exchange(
  request: EgressRequest,
  open: () => Promise<Socket>,
  signal: AbortSignal,
): Promise<EgressResponse> {
  const { url, method, body } = request;
  const socket = await open();
  try {
    const stream = url.protocol === "https:" ? await secured(socket, url, signal) : socket;
    const sent = sendHttp({
      createConnection: () => stream,
      method,
      path: `${url.pathname}${url.search}`,
      setHost: false,
      signal,
      headers: {
        "user-agent": `stack-mcp/${PROGRAM.version}`,
        ...Object.fromEntries(request.headers),
        host: url.host,
        "accept-encoding": "identity",
        connection: "close",
        ...(body === undefined ? {} : { "content-length": String(body.length) }),
      },
    });
    return await responseOf(sent, body);
  } finally {
    socket.destroy();
  }
}

/** Straight to the address. */
export const dialDirectly: Dial = ({ address, port }, signal) =>
  opened(connectTcp({ host: address, port }), signal);

/**
 * Through an HTTP proxy's tunnel, to the address and not to the name, so that the proxy looks
 * nothing up.
 */
export function dialThrough(secret: Secret<URL>): Dial {
  return async ({ address, port }, signal) => {
    const proxy = secret.reveal();
    const [host, proxyPort] = [proxy.hostname.replace(/^\[|\]$/g, ""), Number(proxy.port || 80)];
    const target = `${isIP(address) === 6 ? `[${address}]` : address}:${port}`;
    const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
    const sent = sendHttp({
      host,
      port: proxyPort,
      method: "CONNECT",
      path: target,
      signal,
      agent: false,
      headers: {
        host: target,
        ...(login === ":"
          ? {}
          : { "proxy-authorization": `Basic ${Buffer.from(login).toString("base64")}` }),
      },
    });
    return new Promise<Socket>((resolve, reject) => {
      sent.on("connect", (response, socket) => {
        if (response.statusCode === 200) return resolve(socket);
        socket.destroy();
        reject(new Error(`the proxy answered ${response.statusCode}`));
      });
      sent.on("response", (response) => {
        response.destroy();
        reject(new Error(`the proxy answered ${response.statusCode}`));
      });
      sent.on("error", reject);
      sent.end();
    });
  };
}

function secured(socket: Socket, url: URL, signal: AbortSignal): Promise<Socket> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return opened(
    connectTls({
      socket,
      host,
      ...(isIP(host) ? {} : { servername: host }),
      ALPNProtocols: ["http/1.1"],
    }),
    signal,
    "secureConnect",
  );
}

function opened<S extends Socket>(socket: S, signal: AbortSignal, event = "connect"): Promise<S> {
  return new Promise((resolve, reject) => {
    const give = () => socket.destroy(new Error("given up"));
    signal.addEventListener("abort", give, { once: true });
    if (signal.aborted) give();
    socket.once(event, () => {
      signal.removeEventListener("abort", give);
      resolve(socket);
    });
    // Kept for later errors too, which the request then tells of.
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("closed")));
  });
}

function responseOf(
  sent: ReturnType<typeof sendHttp>,
  body: Buffer | undefined,
): Promise<EgressResponse> {
  return new Promise((resolve, reject) => {
    sent.on("error", reject);
    sent.on("upgrade", () => reject(new Error("it wants another protocol")));
    sent.on("response", (response) => {
      readAll(response).then((bytes) => resolve(shown(response, bytes)), reject);
    });
    sent.end(body);
  });
}

/** Whole and decoded: what cannot be decoded could not be looked through for a secret either. */
async function readAll(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LIMITS.fetchResponseBytes) throw tooLarge();
    chunks.push(chunk);
  }
  let body: Buffer = Buffer.concat(chunks);
  const encodings = String(response.headers["content-encoding"] ?? "").toLowerCase();
  for (const encoding of encodings.split(",").reverse())
    body = await decoded(body, encoding.trim());
  return body;
}

async function decoded(body: Buffer, encoding: string): Promise<Buffer> {
  if (encoding === "" || encoding === "identity" || body.length === 0) return body;
  const decode = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  if (!decode) throw new Error("an unknown content-encoding");
  try {
    return await decode(body, { maxOutputLength: LIMITS.fetchResponseBytes });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE" ? tooLarge() : error;
  }
}

function tooLarge(): EgressError {
  const message = `proxy_fetch: the response is larger than ${LIMITS.fetchResponseBytes} bytes.`;
  return new EgressError("RESPONSE_TOO_LARGE", message);
}

function shown(response: IncomingMessage, body: Buffer): EgressResponse {
  const entries = Object.entries(response.headers).filter(
    ([name]) => !TRANSFER_HEADERS.includes(name),
  );
  const headers = entries.map(
    ([name, value = ""]) => [name, Array.isArray(value) ? value.join(", ") : value] as const,
  );
  return { status: response.statusCode ?? 0, headers: Object.fromEntries(headers), body };
}
