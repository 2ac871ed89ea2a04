import { createServer } from "node:http";
import { createServer as createHttps } from "node:https";
import { connect, type Socket } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { Egress } from "../../src/egress/egress.ts";
import { Secret } from "../../src/shared/secret.ts";
import { codeOf, fixture, leadingTo, PUBLIC, send } from "../helpers/egress.ts";
import { listen } from "../helpers/http-server.ts";

const [key, cert] = [fixture("tls/key.pem"), fixture("tls/cert.pem")];
const trust = () => {
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, cert]);
  onTestFinished(() => setDefaultCACertificates(before));
};
const startTls = () =>
  listen(createHttps({ key, cert }, (_request, response) => void response.end("secured")));

test("refuses a certificate that nobody vouches for", async () => {
  const { egress } = leadingTo(await startTls());
  await expect(send(egress, "https://api.acme.test/")).rejects.toThrow(
    /no certificate that can be trusted/,
  );
});

test("demands the host's own certificate, though it dials the address", async () => {
  trust();
  const { egress, dialled } = leadingTo(await startTls());
  const { body } = await send(egress, "https://api.acme.test/");
  expect(body.toString()).toBe("secured");
  expect(dialled).toEqual([{ address: PUBLIC, port: 443 }]);
  await expect(send(egress, "https://other.acme.test/")).rejects.toThrow(
    /no certificate that can be trusted/,
  );
});

test("asks a proxy's tunnel for the checked address, and never tells the name", async () => {
  trust();
  const asked: string[] = [];
  const tls = await startTls();
  const proxy = createServer();
  proxy.on("connect", (request, socket: Socket) => {
    asked.push(`${request.url} ${request.headers["proxy-authorization"] ?? ""}`);
    const onward = connect(tls, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(onward).pipe(socket);
    });
    onward.on("error", () => socket.destroy());
    socket.on("error", () => onward.destroy());
  });
  const address = new URL(`http://user:p%40ss@127.0.0.1:${await listen(proxy)}`);
  const egress = new Egress({
    allowLocal: [],
    proxy: new Secret(address),
    resolve: async () => [PUBLIC],
  });
  expect((await send(egress, "https://api.acme.test/")).body.toString()).toBe("secured");
  expect(asked).toEqual([`${PUBLIC}:443 Basic ${Buffer.from("user:p@ss").toString("base64")}`]);
  const forbidden = new Egress({
    allowLocal: [],
    proxy: new Secret(address),
    resolve: async () => ["10.0.0.1"],
  });
  expect(await codeOf(send(forbidden, "https://api.acme.test/"))).toBe("ADDRESS_FORBIDDEN");
  expect(asked).toHaveLength(1);
});
