import { describe, expect, test } from "vitest";
import { Secret } from "../../../src/shared/secret.ts";
import { openTestApp } from "../../helpers/app.ts";
import { sends } from "../../helpers/http-server.ts";
import { operatorAs } from "../../helpers/operator.ts";
import {
  auditOf,
  CALL,
  connectAs,
  invoke,
  openServiceWorld,
  publishCaller,
  SECRET,
  type Seen,
} from "../../helpers/service-world.ts";

const BUYERS = {
  credential_mode: "buyer_provides",
  required_credentials: [{ provider: "acme-crm" }],
};

describe("a skill that calls the buyer's service", () => {
  test.each<[string, object, (seen: Seen) => unknown, string]>([
    ["bearer", { type: "bearer" }, (seen) => seen.headers.authorization, `Bearer ${SECRET}`],
    [
      "basic",
      { type: "basic", username: "me" },
      (seen) => seen.headers.authorization,
      `Basic ${Buffer.from(`me:${SECRET}`).toString("base64")}`,
    ],
    [
      "header",
      { type: "header", name: "X-Api-Key", prefix: "Token " },
      (seen) => seen.headers["x-api-key"],
      `Token ${SECRET}`,
    ],
    [
      "query",
      { type: "query", name: "key" },
      (seen) => new URL(seen.url, "http://x").searchParams.get("key"),
      SECRET,
    ],
  ])(
    "sends the credential as %s, and sees nothing of it though it is echoed",
    async (_, auth, sent, expected) => {
      const world = await openServiceWorld();
      await connectAs(world.buyer, { auth });
      const { output } = await invoke(world.buyer, await publishCaller(world, CALL, BUYERS));
      expect(sent(world.server.seen[0] as unknown as Seen)).toBe(expected);
      const seen = JSON.stringify(output);
      expect(seen).toContain("[redacted]");
      for (const form of [
        SECRET,
        encodeURIComponent(SECRET),
        Buffer.from(`me:${SECRET}`).toString("base64").slice(4, -6),
      ]) {
        expect(seen).not.toContain(form);
      }
    },
  );

  test("needs a connection before any hold, and again when it is disconnected", async () => {
    const world = await openServiceWorld();
    const { buyer } = world;
    const skill_id = await publishCaller(world, CALL, BUYERS);
    const refused = await buyer.refused("stack_invoke_skill", { skill_id, input: {} });
    expect(refused).toMatchObject({
      code: "SERVICE_NOT_CONNECTED",
      details: { provider: "acme-crm", provided_by: "buyer" },
    });
    expect(refused.message).toMatch(/stack_connect_custom_service/);
    expect(await buyer.ok("stack_quote_skill", { skill_id, input: {} })).toMatchObject({
      would_be_accepted: false,
      obstacles: [{ code: "SERVICE_NOT_CONNECTED" }],
      services: [{ provider: "acme-crm", provided_by: "buyer" }],
    });
    expect(await buyer.ok("stack_get_balance")).toMatchObject({
      balance_cents: 1_000,
      held_cents: 0,
    });
    const { id: connection_id } = await connectAs(buyer);
    expect(await invoke(buyer, skill_id)).toMatchObject({ status: "completed" });
    await buyer.ok("stack_disconnect_service", { connection_id });
    expect((await buyer.refused("stack_invoke_skill", { skill_id, input: {} })).code).toBe(
      "SERVICE_NOT_CONNECTED",
    );
  });

  test("reaches only that service's hosts with the credential, and no other service", async () => {
    const world = await openServiceWorld();
    await connectAs(world.buyer, { hosts: ["127.0.0.1", "crm.example"] });
    const code = `
      const codes = [];
      for (const [url, init] of [
        ["http://crm.example/", { service: "acme-crm" }],
        ["https://elsewhere.example/", { service: "acme-crm" }],
        ["SERVER/x", { service: "slack" }],
        ["SERVER/x", {}],
        ["SERVER/x", { service: "acme-crm", headers: { authorization: "Bearer mine" } }],
      ]) codes.push(await proxy_fetch(url, init).then((r) => r.status, (e) => e.code));
      return { error: codes.join() };`;
    const { output } = await invoke(world.buyer, await publishCaller(world, code, BUYERS));
    expect(output.error).toBe(
      "HOST_NOT_DECLARED,HOST_NOT_DECLARED,SERVICE_NOT_DECLARED,HOST_NOT_DECLARED,200",
    );
    expect(world.server.seen.map(({ headers }) => headers.authorization)).toEqual([
      `Bearer ${SECRET}`,
    ]);
  });

  test("follows no redirect off the service's hosts, credential or not", async () => {
    const world = await openServiceWorld(
      sends(302, "", { location: "https://elsewhere.example/" }),
    );
    await connectAs(world.buyer);
    const code = `return { error: await proxy_fetch("SERVER/", { service: "acme-crm" }).catch((e) => e.code) };`;
    const { output } = await invoke(world.buyer, await publishCaller(world, code, BUYERS));
    expect(output.error).toBe("HOST_NOT_DECLARED");
  });

  test("sees nothing of a secret that is echoed in a header", async () => {
    const world = await openServiceWorld((response, { headers }) => {
      response
        .writeHead(200, {
          "x-echo": headers.authorization ?? "",
          "set-cookie": `a=${headers.authorization}`,
        })
        .end();
    });
    await connectAs(world.buyer);
    const code = `return { seen: { headers: (await proxy_fetch("SERVER/", { service: "acme-crm" })).headers } };`;
    const { output } = await invoke(world.buyer, await publishCaller(world, code, BUYERS));
    expect(output.seen.headers).toMatchObject({
      "x-echo": "Bearer [redacted]",
      "set-cookie": "a=Bearer [redacted]",
    });
  });

  test("cannot read a secret piece by piece", async () => {
    const world = await openServiceWorld();
    await connectAs(world.buyer);
    const code = `return { error: await proxy_fetch("SERVER/", { service: "acme-crm", headers: { Range: "bytes=0-9" } }).catch((e) => e.code) };`;
    const { output } = await invoke(world.buyer, await publishCaller(world, code, BUYERS));
    expect(output.error).toBe("INVALID_REQUEST");
    expect(world.server.seen).toEqual([]);
  });

  test("leaves the server running when its step ends while a call waits", async () => {
    const world = await openServiceWorld();
    await connectAs(world.buyer, { hosts: ["nope.invalid"] });
    const code = `proxy_fetch("https://nope.invalid/", { service: "acme-crm" }); return {};`;
    const skill_id = await publishCaller(world, code, BUYERS);
    for (let i = 0; i < 5; i++)
      expect(await invoke(world.buyer, skill_id)).toMatchObject({ status: "completed" });
  });

  test("logs each host that redirects led to, and each call that was refused", async () => {
    const world = await openServiceWorld((response, request) => {
      const { host = "" } = request.headers;
      if (host.startsWith("127"))
        response.writeHead(307, { location: `http://localhost:${host.split(":")[1]}/` }).end();
      else response.end("there");
    });
    const { home, buyer, server } = world;
    const both = `127.0.0.1:${server.port},localhost:${server.port}`;
    const second = await openTestApp({ home, env: { STACK_EGRESS_ALLOW_LOCAL: both } });
    await connectAs(buyer, { hosts: ["127.0.0.1", "localhost"] });
    const code = `await proxy_fetch("SERVER/", { service: "acme-crm", method: "POST", body: "data" });
      await proxy_fetch("SERVER/", { service: "slack" }).catch(() => {}); return {};`;
    const skill_id = await publishCaller(world, code, BUYERS);
    const there = operatorAs(second.app, {
      kind: "bearer",
      token: new Secret(buyer.apiKey),
      source: "the test",
    });
    expect(await invoke(there, skill_id)).toMatchObject({ status: "completed" });
    const rows = await auditOf(world, buyer);
    expect(rows.filter(({ details }) => details.host !== undefined)).toMatchObject([
      {
        action: "credential.proxy",
        outcome: "success",
        details: { host: "127.0.0.1", redirects: ["localhost"] },
      },
      { action: "skill.fetch", outcome: "blocked", details: { host: "127.0.0.1" } },
    ]);
  });

  test("logs where data went, by shape and never by value", async () => {
    const world = await openServiceWorld(sends(200, "four"));
    await connectAs(world.buyer);
    const code = `await proxy_fetch("SERVER/path?q=canary-of-the-query", { method: "POST", service: "acme-crm", body: "canary-body" });
      return {};`;
    const { id } = await invoke(world.buyer, await publishCaller(world, code, BUYERS));
    const rows = await auditOf(world, world.buyer);
    expect(rows.filter(({ action }) => action === "credential.proxy")).toMatchObject([
      {
        outcome: "success",
        details: {
          invocation_id: id,
          provider: "acme-crm",
          provided_by: "buyer",
          host: "127.0.0.1",
          method: "POST",
          request_bytes: 11,
          response_bytes: 4,
          status: 200,
        },
      },
    ]);
    expect(JSON.stringify(rows)).not.toContain("canary");
    expect(await auditOf(world, world.seller)).not.toEqual(
      expect.arrayContaining([expect.objectContaining({ action: "credential.proxy" })]),
    );
  });
});
