import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listen } from "./http-server.ts";

export interface SeenRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Record<string, unknown>;
}

export interface LlmServer {
  readonly baseUrl: string;
  readonly seen: SeenRequest[];
  /** The next answers, in order; the last one stays. */
  answers: Answer[];
}

type Answer = (response: ServerResponse, request: SeenRequest) => void;

/** A server that speaks OpenAI's chat completions, well or badly, on this machine. */
export async function startLlmServer(...answers: Answer[]): Promise<LlmServer> {
  const seen: SeenRequest[] = [];
  const state: LlmServer = { baseUrl: "", seen, answers };
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await read(request)) as Record<string, unknown>;
    const one = { path: request.url ?? "", authorization: request.headers.authorization, body };
    seen.push(one);
    const answer = state.answers.length > 1 ? state.answers.shift() : state.answers[0];
    answer?.(response, one);
  });
  return Object.assign(state, { baseUrl: `http://127.0.0.1:${await listen(server)}/v1` });
}

const USAGE = { prompt_tokens: 100, completion_tokens: 50, total_tokens: 150 };

export const says = (content: unknown, usage: unknown = USAGE): Answer =>
  stopped("stop", { content }, usage);

/** An answer that stopped for this reason; undefined: the server does not say. */
export const stopped =
  (
    finish_reason: unknown,
    message: { readonly content: unknown; readonly refusal?: unknown },
    usage: unknown = USAGE,
  ): Answer =>
  (response) => {
    const choices = [{ index: 0, finish_reason, message: { role: "assistant", ...message } }];
    send(response, 200, {
      id: "c",
      object: "chat.completion",
      created: 1,
      model: "m",
      choices,
      usage,
    });
  };

export const status =
  (code: number): Answer =>
  (response) =>
    send(response, code, { error: { message: "upstream says: sk-secret-of-theirs", code: null } });

/** An error with a body and headers of its own. */
export const answering =
  (code: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response
      .writeHead(code, { "content-type": "application/json", ...headers })
      .end(JSON.stringify(body));
  };

export const raw =
  (text: string, type = "application/json"): Answer =>
  (response) => {
    response.writeHead(200, { "content-type": type }).end(text);
  };

export const silence: Answer = () => {};

function send(response: ServerResponse, code: number, body: unknown): void {
  response
    .writeHead(code, { "content-type": "application/json", "retry-after-ms": "1" })
    .end(JSON.stringify(body));
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
