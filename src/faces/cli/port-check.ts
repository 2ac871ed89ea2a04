import { once } from "node:events";
import { createServer } from "node:net";
import type { HostCheck } from "../../services/host/host-checks.ts";
import { systemClock } from "../../shared/clock.ts";
import { DEFAULT_PORT } from "./serve-command.ts";

const ANSWER_MS = 1_000;

/**
 * Tells whether `serve` finds its port on this machine; `served` is where a server of this folder
 * is, if there is one.
 */
export async function portCheck(
  served: string | undefined,
  port = DEFAULT_PORT,
): Promise<HostCheck> {
  if (served !== undefined)
    return { name: "port", state: "good", detail: `this folder is served at ${served}` };
  const name = "port";
  const probe = createServer();
  try {
    probe.listen(port, "127.0.0.1");
    await once(probe, "listening");
    return { name, state: "good", detail: `${port} is free for serve` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const remedy = "Give `stack-mcp serve` another with --port.";
    const whose = (await isOurs(port))
      ? "is taken by the server of another folder"
      : `cannot be listened on (${code})`;
    return { name, state: "doubtful", detail: `${port} ${whose}`, remedy };
  } finally {
    probe.close();
  }
}

async function isOurs(port: number): Promise<boolean> {
  const signal = systemClock.deadline(ANSWER_MS);
  try {
    const answer = (await (
      await fetch(`http://127.0.0.1:${port}/health/live`, { signal })
    ).json()) as {
      status?: unknown;
    };
    return answer.status === "live";
  } catch {
    return false;
  }
}
