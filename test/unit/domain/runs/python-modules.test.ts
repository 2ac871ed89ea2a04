import { expect, test } from "vitest";
import { missingModules, PYTHON_MODULES } from "../../../../src/domain/runs/python-modules.ts";

test.each([
  ["json", []],
  ["requests", ["requests"]],
  ["json\nrequests\ncsv\nnumpy", ["requests", "numpy"]],
  ["json, requests,csv", ["requests"]],
  ["requests==2.31", ["requests"]],
  ["requests >= 2", ["requests"]],
  ["requests~=2", ["requests"]],
  ["requests!=2", ["requests"]],
  ["requests<3", ["requests"]],
  ["requests[socks]", ["requests"]],
  ["requests; python_version > '3'", ["requests"]],
  ["requests@https://example.com/x.whl", ["requests"]],
  ["requests (2.31)", ["requests"]],
  ["json==2.0.9", []],
  ["json>=2,<3", []],
  ["requests>=2,<3, json", ["requests"]],
  ["requests[a,b]", ["requests"]],
  ["os.path", []],
  ["numpy.linalg", ["numpy.linalg"]],
  ["# requests", []],
  ["json # requests", []],
  ["requests # needed", ["requests"]],
  ["  \n\n,\n", []],
  ["", []],
  ["JSON", ["JSON"]],
])("misses of %j %j", (requirements, missing) => {
  expect(missingModules(requirements)).toEqual(missing);
});

test("misses nothing of the standard library", () => {
  expect(missingModules(PYTHON_MODULES.join("\n"))).toEqual([]);
  expect(new Set(PYTHON_MODULES).size).toBe(PYTHON_MODULES.length);
});
