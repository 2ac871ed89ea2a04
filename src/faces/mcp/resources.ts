import { type McpServer, ResourceNotFoundError, ResourceTemplate } from "@modelcontextprotocol/server";
import { GUIDE } from "./guide.ts";
import type { Session } from "./session.ts";

const SHORT_TTL = { ttlMs: 0, cacheScope: "private" } as const;
const GUIDE_TTL = { ttlMs: 3_600_000, cacheScope: "public" } as const;
const AUDIT_HEAD = "stack://audit/head";
const KINDS = /^stack:\/\/(skills|invocations)\/([^/?#]{1,64})$/;
const OPERATIONS = {
  skills: { tool: "stack_get_skill", field: "skill_id" },
  invocations: { tool: "stack_check_invocation", field: "invocation_id" },
} as const;

/** The text of a resource, as this session may read it; undefined when it may not or there is none. */
export async function readResource(session: Session, uri: string): Promise<string | undefined> {
  if (uri === AUDIT_HEAD) return readAuditHead(session);
  const [, kind, id] = KINDS.exec(uri) ?? [];
  if (kind === undefined) return undefined;
  const { tool, field } = OPERATIONS[kind as keyof typeof OPERATIONS];
  const outcome = await session.read(tool, { [field]: id });
  if (!outcome.ok) return undefined;
  // When to ask again is advice to a caller, and no part of what the resource says.
  const { poll_after_ms: _, ...facts } = outcome.value;
  return JSON.stringify(facts);
}

/** Without the signature, which is another each time. */
async function readAuditHead(session: Session): Promise<string | undefined> {
  const outcome = await session.read("stack_get_audit_head", {});
  if (!outcome.ok) return undefined;
  const { checkpoint: _, ...head } = outcome.value;
  return JSON.stringify(head);
}

export function registerResources(mcp: McpServer, session: Session): void {
  mcp.registerResource(
    "guide",
    "stack://guide",
    {
      title: "Guide",
      description: "How to buy, sell, ask and pay here",
      mimeType: "text/markdown",
      cacheHint: GUIDE_TTL,
    },
    async (uri) => ({ contents: [{ uri: uri.href, mimeType: "text/markdown", text: GUIDE }] }),
  );
  const head = {
    title: "Head of the audit chain",
    description: "The last entry of your audit log; subscribe to hear of the next",
    mimeType: "application/json",
    cacheHint: SHORT_TTL,
  };
  mcp.registerResource("audit-head", AUDIT_HEAD, head, async (uri) => {
    const text = await readResource(session, uri.href);
    if (text === undefined) throw new ResourceNotFoundError(uri.href);
    return { contents: [{ uri: uri.href, mimeType: "application/json", text }] };
  });
  registerKind(mcp, session, "skills", "Skill", "A skill as stack_get_skill shows it");
  registerKind(
    mcp,
    session,
    "invocations",
    "Invocation",
    "An invocation you bought or provide; subscribe to hear of it",
  );
}

function registerKind(
  mcp: McpServer,
  session: Session,
  kind: keyof typeof OPERATIONS,
  title: string,
  description: string,
) {
  const template = new ResourceTemplate(`stack://${kind}/{id}`, { list: undefined });
  const settings = { title, description, mimeType: "application/json", cacheHint: SHORT_TTL };
  mcp.registerResource(kind, template, settings, async (uri) => {
    const text = await readResource(session, uri.href);
    if (text === undefined) throw new ResourceNotFoundError(uri.href);
    return { contents: [{ uri: uri.href, mimeType: "application/json", text }] };
  });
}
