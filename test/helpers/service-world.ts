import { join } from "node:path";
import Database from "better-sqlite3";
import { openTestApp, type TestApp } from "./app.ts";
import { type Answer, echoes, startHttpServer } from "./http-server.ts";
import type { Operator } from "./operator.ts";
import { sealedScript } from "./skills.ts";

export const SECRET = "canary-credential-5590/+";

export const SELLER_SECRET = "canary-of-the-seller-7713";

interface Run {
  readonly id: string;
  readonly status: string;
  readonly output: { readonly seen: Seen; readonly error: string };
  readonly error: Record<string, unknown>;
  readonly charged_cents: number;
}

export interface Seen {
  readonly url: string;
  readonly headers: Record<string, string>;
}

/** A marketplace whose skills may reach one service on this machine. */
export async function openServiceWorld(answer: Answer = echoes, env: Record<string, string> = {}) {
  const server = await startHttpServer(answer);
  const test = await openTestApp({
    env: { STACK_EGRESS_ALLOW_LOCAL: `127.0.0.1:${server.port}`, ...env },
  });
  const [seller, buyer] = [await test.createOperator("seller"), await test.createOperator("buyer")];
  return { ...test, server, seller, buyer };
}

type ServiceWorld = Awaited<ReturnType<typeof openServiceWorld>>;

export async function connectAs(who: Operator, more: Record<string, unknown> = {}) {
  return who.ok<{ id: string }>("stack_connect_custom_service", {
    provider: "acme-crm",
    hosts: ["127.0.0.1"],
    auth: { type: "bearer" },
    secret: SECRET,
    ...more,
  });
}

/** Publishes code in which SERVER stands for where the service is. */
export async function publishCaller(
  { seller, server }: ServiceWorld,
  code: string,
  more: Record<string, unknown> = {},
) {
  const whole = sealedScript(code.replaceAll("SERVER", server.url), more);
  return (await seller.ok<{ id: string }>("stack_publish_skill", whole)).id;
}

/** Code that gives back what its service was sent. */
export const CALL = `const answer = await proxy_fetch("SERVER/contacts", { service: "acme-crm" });
  return { seen: await answer.json() };`;

export const invoke = (who: Operator, skill_id: string, more: Record<string, unknown> = {}) =>
  who.ok<Run>("stack_invoke_skill", { skill_id, input: {}, wait_ms: 20_000, ...more });

interface AuditBody {
  readonly action: string;
  readonly outcome: string;
  readonly details: Record<string, unknown>;
}

/** The bodies of an operator's audit log. */
export const auditOf = async ({ home }: TestApp, who: Operator): Promise<AuditBody[]> => {
  const db = new Database(join(home, "stack.db"), { readonly: true });
  const rows = db
    .prepare("select body from audit_log where operator_id = ? order by seq")
    .all(who.id);
  db.close();
  return rows.map((row) => JSON.parse((row as { body: string }).body) as AuditBody);
};
