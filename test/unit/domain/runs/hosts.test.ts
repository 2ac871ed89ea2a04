import { expect, test } from "vitest";
import { hostIsAmong, isLocalHost } from "../../../../src/domain/runs/hosts.ts";

test.each([
  ["api.example.com", "api.example.com", true],
  ["api.example.com", "example.com", false],
  ["api.example.com", "api.example.com.evil.net", false],
  ["*.example.com", "api.example.com", true],
  ["*.example.com", "a.b.example.com", true],
  ["*.example.com", "example.com", false],
  ["*.example.com", ".example.com", false],
  ["*.example.com", "evilexample.com", false],
  ["*.example.com", "example.com.evil.net", false],
  ["*", "api.example.com", true],
  ["*", "93.184.216.34", true],
  ["*", "localhost", false],
  ["*", "127.0.0.1", false],
  ["*", "[::1]", false],
  ["*.localhost", "localhost", false],
  ["localhost", "localhost", true],
  ["127.0.0.1", "127.0.0.1", true],
  ["[::1]", "[::1]", true],
  ["localhost", "127.0.0.1", false],
  ["api.*", "api.example.com", false],
  ["*example.com", "api.example.com", false],
  ["", "api.example.com", false],
])("lets the pattern %j stand for %s: %s", (pattern, hostname, matches) => {
  expect(hostIsAmong([pattern], hostname)).toBe(matches);
});

test("lets any of several patterns stand for a host, and none of none", () => {
  expect(hostIsAmong(["a.com", "*.b.com"], "x.b.com")).toBe(true);
  expect(hostIsAmong(["a.com", "*.b.com"], "x.a.com")).toBe(false);
  expect(hostIsAmong([], "a.com")).toBe(false);
});

test.each([
  ["localhost", true],
  ["127.0.0.1", true],
  ["[::1]", true],
  ["localhost.example.com", false],
  ["127.0.0.2", false],
])("takes %s for a name of this machine: %s", (hostname, local) => {
  expect(isLocalHost(hostname)).toBe(local);
});
