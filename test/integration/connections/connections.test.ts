import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openTestApp } from "../../helpers/app.ts";
import { sends } from "../../helpers/http-server.ts";
import { auditOf, connectAs, openServiceWorld, SECRET } from "../../helpers/service-world.ts";

describe("a connection", () => {
  test("never shows its secret, from connecting to disconnecting", async () => {
    const world = await openServiceWorld();
    const { buyer, seller, app, home, logged } = world;
    const made = await connectAs(buyer, {
      display_name: "Our CRM",
      verify_url: `${world.server.url}/me`,
    });
    expect(made).toMatchObject({
      provider: "acme-crm",
      status: "unverified",
      hosts: ["127.0.0.1"],
    });
    const { id: connection_id } = made;
    expect(await buyer.ok("stack_list_connected_services")).toMatchObject({
      items: [{ id: connection_id }],
    });
    expect(await seller.ok("stack_list_connected_services")).toEqual({ items: [] });
    expect(
      (await buyer.refused("stack_connect_custom_service", { ...again, provider: "acme-crm" }))
        .message,
    ).toMatch(/connected already.*stack_update_connection/);
    const moved = {
      connection_id,
      hosts: ["evil.example.com"],
      verify_url: "https://evil.example.com/",
    };
    expect((await buyer.refused("stack_update_connection", moved)).message).toMatch(
      /give secret again/,
    );
    expect(
      await buyer.ok("stack_update_connection", { connection_id, display_name: "CRM" }),
    ).toMatchObject({
      display_name: "CRM",
      hosts: ["127.0.0.1"],
    });
    expect(
      await buyer.ok("stack_update_connection", { ...moved, secret: `${SECRET}-2` }),
    ).toMatchObject({
      hosts: ["evil.example.com"],
    });
    const places = readdirSync(home).filter((name) => name.startsWith("stack.db"));
    const stored = places.map((name) => readFileSync(join(home, name), "latin1")).join("");
    const shown = JSON.stringify([
      await buyer.ok("stack_list_connected_services"),
      await auditOf(world, buyer),
      logged,
    ]);
    for (const text of [stored, shown]) expect(text).not.toContain(SECRET);
    expect(await buyer.ok("stack_disconnect_service", { connection_id })).toMatchObject({
      disconnected: true,
    });
    expect((await buyer.refused("stack_disconnect_service", { connection_id })).code).toBe(
      "NOT_FOUND",
    );
    expect(
      await app.store.read((r) => r.sealed.find(`connections:${connection_id}:secret`)),
    ).toBeUndefined();
    expect((await auditOf(world, buyer)).map(({ action }) => action)).toEqual(
      expect.arrayContaining(["service.connect", "service.update", "service.disconnect"]),
    );
  });

  const again = { hosts: ["api.acme.example"], auth: { type: "bearer" }, secret: "12345678" };

  test.each([
    ["no host", { hosts: [] }, /hosts/],
    ["a host that is any", { hosts: ["*"] }, /hosts\.0 must be a host name/],
    ["a host with a port", { hosts: ["api.acme.example:8443"] }, /hosts\.0/],
    ["a short secret", { secret: "1234567" }, /secret/],
    ["a secret with a line break", { secret: "12345678\r\nx: y" }, /secret must be printable/],
    ["a header of the server's own", { auth: { type: "header", name: "Host" } }, /auth\.name/],
    [
      "an address elsewhere",
      { verify_url: "https://other.example/" },
      /verify_url must be on one of hosts/,
    ],
  ])("cannot be made with %s", async (_, change, message) => {
    const { createOperator } = await openTestApp();
    const refused = await (await createOperator("acme")).refused("stack_connect_custom_service", {
      provider: "x",
      ...again,
      ...change,
    });
    expect(refused).toMatchObject({
      code: "INVALID_REQUEST",
      message: expect.stringMatching(message),
    });
    expect(refused.message).not.toContain("1234567");
  });

  test.each([
    [200, "verified"],
    [204, "verified"],
    [401, "rejected"],
    [403, "rejected"],
    [404, "unverified"],
    [500, "unverified"],
  ])("turns an answer of %i from its service into %s", async (status, expected) => {
    const { buyer, server } = await openServiceWorld(sends(status));
    const { id: connection_id } = await connectAs(buyer, { verify_url: `${server.url}/me` });
    const judged = await buyer.ok("stack_verify_connection", { connection_id });
    expect(judged).toMatchObject({ status: expected, http_status: status });
    expect(server.seen[0]).toMatchObject({
      method: "GET",
      url: "/me",
      headers: { authorization: `Bearer ${SECRET}` },
    });
    expect(await buyer.ok("stack_list_connected_services")).toMatchObject({
      items: [{ status: expected }],
    });
  });
});
