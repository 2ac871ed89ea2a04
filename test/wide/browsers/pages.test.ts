import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";
import { afterAll, describe, expect, test } from "vitest";
import { BROWSER, closeBrowser, openPage, screenshot } from "../../helpers/browser.ts";
import { send, startTestServer, type TestServer } from "../../helpers/server.ts";
import { sealedScript } from "../../helpers/skills.ts";

afterAll(closeBrowser);

const WIDTHS = [320, 390, 768, 1_280, 1_920];
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** The address of each page that a person may see, each once. */
async function addresses(server: TestServer): Promise<Record<string, string>> {
  const { localKey: key, url } = server;
  const { body: topup } = await send(server, "POST /v1/billing/topup", {
    key,
    body: { amount_cents: 2_500 },
  });
  const { body: skill } = await send(server, "POST /v1/skills", {
    key: await server.createOperator("seller-with-quite-a-long-name-that-has-to-fit-somewhere"),
    body: sealedScript("return {};"),
  });
  const agent = { name: "shopper", accountability_mode: "standard" };
  const { body: registered } = await send(server, "POST /v1/agents/register", { key, body: agent });
  const grant = { agent_id: registered.id, mandate: { approve_over_cents: 0 } };
  const { body: passport } = await send(server, "POST /v1/passports/issue", { key, body: grant });
  const { body: asked } = await send(server, `POST /v1/skills/${skill.id}/invoke`, {
    key: String(passport.token),
    body: { input: {} },
  });
  return {
    home: `${url}/`,
    docs: `${url}/docs`,
    missing: `${url}/nothing/here`,
    checkout: String(topup.checkout_url),
    approval: String((asked.approval as { readonly url: string }).url),
  };
}

async function violationsOn(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: axe });
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}

test("tells who asks for no HTML an error in JSON, and a browser on a page", async () => {
  const server = await startTestServer();
  const asked = (accept: string) => send(server, "GET /nothing/here", { headers: { accept } });
  const page = await asked("text/html,application/xhtml+xml,*/*;q=0.8");
  expect(page).toMatchObject({
    status: 404,
    text: expect.stringContaining("<h1>There is nothing here</h1>"),
  });
  expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect(page.headers.get("vary")).toContain("Accept");
  for (const accept of ["*/*", "application/json", "application/json, text/html"]) {
    expect((await asked(accept)).body).toMatchObject({ error: { code: "NOT_FOUND" } });
  }
  const unknown = await send(server, "GET /v1/skills", { headers: { accept: "text/html" } });
  expect(unknown).toMatchObject({
    status: 401,
    text: expect.stringContaining("<h1>This did not work</h1>"),
  });
  expect(unknown.headers.get("www-authenticate")).toContain("Bearer");
});

test("sends the description of the REST face again only when it has changed", async () => {
  const server = await startTestServer();
  const first = await send(server, "GET /openapi.json");
  const etag = String(first.headers.get("etag"));
  expect(
    (await send(server, "GET /openapi.json", { headers: { "if-none-match": etag } })).status,
  ).toBe(304);
  const small = await send(server, "GET /openapi.json", { headers: { "accept-encoding": "gzip" } });
  expect(small.headers.get("content-encoding")).toBe("gzip");
});

describe.skipIf(BROWSER === undefined)("in Chromium", () => {
  test.each(["light", "dark"] as const)(
    "fits each page at every width, and breaks no rule of axe, %s",
    async (colorScheme) => {
      const server = await startTestServer();
      const wanted = await addresses(server);
      for (const [name, address] of Object.entries(wanted)) {
        // The script that looks for faults is not the page's own.
        const page = await openPage({ colorScheme, bypassCSP: true });
        await page.goto(address);
        for (const details of await page.locator("details").all())
          await details.evaluate((one) => one.setAttribute("open", ""));
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 });
          const shown = await page.evaluate<number>("document.documentElement.scrollWidth");
          expect([name, width, shown]).toEqual([name, width, width]);
        }
        await screenshot(page, `${name}-${colorScheme}`);
        expect([name, await violationsOn(page)]).toEqual([name, []]);
      }
    },
  );

  test("filters the documentation by words, and opens what an address asks for", async () => {
    const server = await startTestServer();
    const page = await openPage();
    await page.goto(`${server.url}/docs#stack_quote_skill`);
    expect(await page.locator("#stack_quote_skill").getAttribute("open")).not.toBeNull();
    await page.getByRole("searchbox", { name: "Filter" }).fill("refund top-up");
    await expect.poll(() => page.getByRole("status").textContent()).toMatch(/^\d of \d+$/);
    expect(await page.locator("#stack_refund_topup").isVisible()).toBe(true);
    expect(await page.locator("#stack_browse_skills").isVisible()).toBe(false);
    expect(await page.getByRole("heading", { name: "identity" }).isVisible()).toBe(false);
  });

  test("copies a command whole", async () => {
    const server = await startTestServer();
    const page = await openPage({ permissions: ["clipboard-read", "clipboard-write"] });
    await page.goto(`${server.url}/docs`);
    await page.getByRole("button", { name: "Copy" }).first().click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    const copied = await page.evaluate<string>("navigator.clipboard.readText()");
    expect(copied).toBe(`curl ${server.url}/v1/skills -H "Authorization: Bearer $STACK_API_KEY"`);
  });

  test("shows the documentation without JavaScript", async () => {
    const server = await startTestServer();
    const page = await openPage({ javaScriptEnabled: false });
    await page.goto(`${server.url}/docs`);
    expect(await page.getByRole("searchbox").isVisible()).toBe(false);
    await page.getByText("Browse skills").click();
    expect(await page.getByText("Search the marketplace in your own words").isVisible()).toBe(true);
  });
});
