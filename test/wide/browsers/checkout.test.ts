import { afterAll, describe, expect, test } from "vitest";
import { BROWSER, closeBrowser, openPage, screenshot } from "../../helpers/browser.ts";
import { clockAt } from "../../helpers/clock.ts";
import { send, startTestServer, type TestServer } from "../../helpers/server.ts";

afterAll(closeBrowser);

const FORM = { "content-type": "application/x-www-form-urlencoded" };

async function link(server: TestServer, amount_cents = 2_500): Promise<URL> {
  const { body } = await send(server, "POST /v1/billing/topup", {
    key: server.localKey,
    body: { amount_cents },
  });
  return new URL(String(body.checkout_url));
}

async function balance(server: TestServer): Promise<number> {
  return Number(
    (await send(server, "GET /v1/billing/balance", { key: server.localKey })).body.balance_cents,
  );
}

const pay = (server: TestServer, { pathname }: URL, action = "pay") =>
  send(server, `POST ${pathname}`, { body: `action=${action}`, headers: FORM });

describe("as a program meets it", () => {
  test("makes a payment once, however many ask for it at once and afterwards", async () => {
    const server = await startTestServer();
    const url = await link(server);
    const answers = await Promise.all(Array.from({ length: 20 }, () => pay(server, url)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([303]));
    expect(answers[0]?.headers.get("location")).toBe(url.pathname);
    expect(await balance(server)).toBe(3_500);
    expect((await send(server, `GET ${url.pathname}`)).text).toContain(
      "The money is in the wallet",
    );
    expect(await server.app.services.wallet.findLedgerProblems()).toEqual([]);
  });

  test("takes nothing more by a payment that was cancelled or whose time has passed", async () => {
    let now = Date.now();
    const server = await startTestServer({ clock: clockAt(() => now) });
    const cancelled = await link(server);
    await pay(server, cancelled, "cancel");
    await pay(server, cancelled);
    expect((await send(server, `GET ${cancelled.pathname}`)).text).toContain(
      "This payment is closed",
    );
    const late = await link(server);
    now += 61 * 60_000;
    await pay(server, late);
    expect((await send(server, `GET ${late.pathname}`)).text).toContain("This payment is closed");
    expect(await balance(server)).toBe(1_000);
  });

  test("refuses a link that was guessed or changed", async () => {
    const server = await startTestServer();
    const url = await link(server);
    const [payload = "", mac = ""] = url.pathname.slice("/checkout/".length).split(".");
    const order = JSON.parse(Buffer.from(payload, "base64url").toString()) as unknown[];
    const changed = Buffer.from(
      JSON.stringify([...order.slice(0, 2), 1_000_000, order[3]]),
    ).toString("base64url");
    const lastBit = String.fromCharCode(mac.charCodeAt(mac.length - 1) + 1);
    const forged = [
      `${changed}.${mac}`,
      `${payload}.${mac.slice(0, -1)}${lastBit}`,
      `${payload}.`,
      payload,
      `${payload}.${mac}.x`,
      "tup_01jcyxxxxxxxxxxxxxxxxxxxxx",
      "%00",
    ];
    for (const one of forged) {
      const asked = { pathname: `/checkout/${one}` } as URL;
      expect([one, (await pay(server, asked)).status]).toEqual([one, 404]);
      expect((await send(server, `GET ${asked.pathname}`)).status).toBe(404);
    }
    expect(await balance(server)).toBe(1_000);
  });

  test("keeps the page its own: no script, no frame, no foreign form, kept nowhere", async () => {
    const server = await startTestServer();
    const url = await link(server);
    const { headers, text } = await send(server, `GET ${url.pathname}`);
    expect(headers.get("content-security-policy")).toMatch(
      /default-src 'none'.*frame-ancestors 'none'/,
    );
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(text).not.toContain("<script");
    const foreign = await send(server, `POST ${url.pathname}`, {
      body: "action=pay",
      headers: { ...FORM, origin: "https://evil.example" },
    });
    expect(foreign.status).toBe(403);
    expect((await pay(server, url, "steal")).status).toBe(400);
    const broken = { "content-type": "multipart/form-data; boundary=x" };
    expect(
      (await send(server, `POST ${url.pathname}`, { body: "no form", headers: broken })).status,
    ).toBe(400);
    expect(await balance(server)).toBe(1_000);
  });

  test("shows what an operator is called as text on the page", async () => {
    const server = await startTestServer();
    const key = await server.createOperator("amp-and-more", { fundCents: 0 });
    const { body } = await send(server, "POST /v1/billing/topup", {
      key,
      body: { amount_cents: 1_000 },
    });
    const { text } = await send(server, `GET ${new URL(String(body.checkout_url)).pathname}`);
    expect(text).toContain("<dd>amp-and-more</dd>");
  });
});

if (BROWSER === undefined)
  process.stderr.write("The pages are not looked at: there is no Chromium on this machine.\n");

describe.skipIf(BROWSER === undefined)("in Chromium", () => {
  test("lets a person pay, go back and pay again, and takes one payment", async () => {
    const server = await startTestServer();
    const url = await link(server);
    const page = await openPage();
    await page.goto(url.href);
    await screenshot(page, "checkout-open");
    expect(await page.getByText("Play money").isVisible()).toBe(true);
    await page.getByRole("button", { name: "Pay $25.00" }).click();
    await page.getByRole("status").waitFor();
    await screenshot(page, "checkout-paid");
    expect(await page.getByRole("heading").textContent()).toBe("Paid");
    await page.goBack();
    // The page was kept nowhere: it is asked for anew, and says that it is paid.
    expect(await page.getByRole("button").count()).toBe(0);
    await page.reload();
    expect(await balance(server)).toBe(3_500);
  });

  test("takes one payment for a double click", async () => {
    const server = await startTestServer();
    const page = await openPage();
    await page.goto((await link(server)).href);
    await page.getByRole("button", { name: "Pay $25.00" }).dblclick();
    await page.getByRole("status").waitFor();
    expect(await balance(server)).toBe(3_500);
  });

  test("takes nothing more by an old page that is still open", async () => {
    const server = await startTestServer();
    const url = await link(server);
    const [first, second] = [await openPage(), await openPage()];
    await first.goto(url.href);
    await second.goto(url.href);
    await first.getByRole("button", { name: "Cancel" }).click();
    await first.getByRole("status").waitFor();
    await screenshot(first, "checkout-closed");
    await second.getByRole("button", { name: "Pay $25.00" }).click();
    await second.getByRole("status").waitFor();
    expect(await second.getByRole("heading").textContent()).toBe("This payment is closed");
    expect(await balance(server)).toBe(1_000);
  });

  test("works by the keyboard alone, in the eye's order, and shows where one is", async () => {
    const server = await startTestServer();
    const page = await openPage({ javaScriptEnabled: false });
    await page.goto((await link(server)).href);
    const focused = () => page.locator(":focus").textContent();
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Pay $25.00");
    await screenshot(page, "checkout-keyboard");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Cancel");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await page.getByRole("status").waitFor();
    expect(await balance(server)).toBe(3_500);
  });

  test("can be read in the dark, and on a telephone", async () => {
    const server = await startTestServer();
    const url = await link(server, 1_000_000);
    const page = await openPage({ colorScheme: "dark", viewport: { width: 360, height: 640 } });
    await page.goto(url.href);
    await screenshot(page, "checkout-dark");
    const colours = await page.evaluate(`(() => {
      const of = (element, name) => getComputedStyle(element).getPropertyValue(name);
      return [of(document.body, "background-color"), of(document.querySelector("h1"), "color")];
    })()`);
    expect(colours).toEqual(["rgb(22, 24, 29)", "rgb(236, 238, 242)"]);
    expect(await page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
  });
});
