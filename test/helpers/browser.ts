import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { onTestFinished } from "vitest";

const CANDIDATES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** A browser of this machine; undefined where there is none. */
export const BROWSER = [process.env.TEST_CHROMIUM ?? "", ...CANDIDATES].find(
  (path) => path !== "" && existsSync(path),
);

let browser: Promise<Browser> | undefined;

/** A fresh page. Screenshots go to TEST_SCREENSHOTS, where that is set. */
export async function openPage(options: BrowserContextOptions = {}): Promise<Page> {
  browser ??= chromium.launch({ executablePath: BROWSER ?? "", args: ["--no-sandbox"] });
  const context = await (await browser).newContext({
    viewport: { width: 720, height: 720 },
    ...options,
  });
  onTestFinished(() => context.close());
  return context.newPage();
}

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
  browser = undefined;
}

export async function screenshot(page: Page, name: string): Promise<void> {
  const { TEST_SCREENSHOTS: folder } = process.env;
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
