import { once } from "node:events";
import { createServer } from "node:net";
import type { HostCheck } from "../../services/health/host-checks.ts";
import { systemClock } from "../../shared/clock.ts";

const PORT = 4402;
const ANSWER_MS = 1_000;

/** Whether `serve` finds its port, on this machine. */
export async function portCheck(port = PORT): Promise<HostCheck> {
  const name = "port";
  const probe = createServer();
  try {
    probe.listen(port, "127.0.0.1");
    await once(probe, "listening");
    return { name, state: "good", detail: `${port} is free for serve` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EADDRINUSE" && (await isOurs(port)))
      return { name, state: "good", detail: `a server of this program answers on ${port}` };
    const remedy = "Give `stack-mcp serve` another with --port.";
    return { name, state: "doubtful", detail: `${port} cannot be listened on (${code})`, remedy };
  } finally {
    probe.close();
  }
}

async function isOurs(port: number): Promise<boolean> {
  const signal = systemClock.deadline(ANSWER_MS);
  return fetch(`http://127.0.0.1:${port}/health/live`, { signal }).then(
    ({ ok }) => ok,
    () => false,
  );
}
