const BOTH = "application/json, text/event-stream";

/** A request as the protocol wants it, and the forms of answer that its client takes. */
export interface Accepted {
  readonly request: Request;
  /** It takes no stream: an answer that comes in one is unwrapped. */
  readonly jsonOnly: boolean;
}

/**
 * `*\/*` and nothing at all mean both forms, and so does JSON alone, whose answers are unwrapped.
 */
export function accepted(request: Request): Accepted {
  if (request.method !== "POST") return { request, jsonOnly: false };
  const accept = request.headers.get("accept") ?? "*/*";
  const types = accept.split(",").map((part) => part.split(";")[0]?.trim().toLowerCase());
  const takesAll = types.includes("*/*");
  const takesJson =
    takesAll || types.includes("application/json") || types.includes("application/*");
  const takesStream = takesAll || types.includes("text/event-stream") || types.includes("text/*");
  if (!takesJson || (takesStream && accept === BOTH)) return { request, jsonOnly: false };
  const headers = new Headers(request.headers);
  headers.set("accept", BOTH);
  const { url, method, signal } = request;
  return { request: new Request(url, { method, headers, signal }), jsonOnly: !takesStream };
}

/** The answer in a stream of events, without what was told on the way. */
export async function unwrapped(response: Response): Promise<Response> {
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) return response;
  const answers = (await response.text())
    .split("\n")
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice("data:".length).trim())
    .filter((data) => isAnswer(data));
  const headers = new Headers(response.headers);
  headers.set("content-type", "application/json");
  const body = answers.length === 1 ? answers[0] : `[${answers.join()}]`;
  return new Response(answers.length === 0 ? null : body, {
    status: answers.length === 0 ? 202 : 200,
    headers,
  });
}

function isAnswer(data: string): boolean {
  if (data === "") return false;
  const message = Object(JSON.parse(data)) as object;
  return "result" in message || "error" in message;
}
