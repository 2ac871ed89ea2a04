import { PARSE_ERROR } from "@modelcontextprotocol/server";
import { refused } from "../messages.ts";

export function unreadable(): Response {
  return Response.json(refused(null, "Parse error: the body is not JSON in UTF-8.", PARSE_ERROR), {
    status: 400,
  });
}

export function refusal(status: number, message: string): Response {
  return Response.json(
    { jsonrpc: "2.0", error: { code: status === 404 ? -32_001 : -32_000, message }, id: null },
    { status },
  );
}
