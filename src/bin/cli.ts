import { createApp } from "../app/create-app.ts";
import { loadConfig } from "../config/config.ts";
import { runCommand } from "../faces/cli/program.ts";

/** Runs one command; the data folder is opened only by those that need it. */
export async function runCli(args: readonly string[]): Promise<number> {
  // A reader that has seen enough (`| head`) is no error.
  process.stdout.on("error", () => process.exit(0));
  return runCommand(args, {
    print: (text) => process.stdout.write(`${text}\n`),
    async withServices(work) {
      const app = await createApp(loadConfig(process.env));
      try {
        return await work(app.services);
      } finally {
        await app.stop(0);
      }
    },
  });
}
