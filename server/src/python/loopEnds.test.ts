import { expect, it } from "vitest";
import { leavesLoop } from "./loopEnds.ts";
import { createPythonParser } from "./parser.ts";

const parser = await createPythonParser();

function leaves(body: string): boolean {
  const file = parser.parse(`def f(xs):\n${body.replace(/^/gm, "    ")}\n`);
  const start = file.text.indexOf("x.y");
  return leavesLoop(file, file.lines.rangeAt(start, start + 3));
}

it.each([
  "for x in xs:\n    if x.a:\n        return x.y",
  "for x in xs:\n    if x.a:\n        z = x.y\n        break",
  "for x in xs:\n    if x.a:\n        with b:\n            z = x.y\n        return z",
  "for x in xs:\n    z = x.y\n    c()\n    raise A(z)",
])("is left behind it: %j", (body) => {
  expect(leaves(body)).toBe(true);
});

it.each([
  "return x.y",
  "for x in xs:\n    z = x.y",
  "for x in xs:\n    z = x.y\n    if z:\n        return z",
  "for x in xs:\n    if x.y:\n        return 1",
  "for x in xs:\n    z = x.y\nreturn z",
  "return [x.y for x in xs]",
  "for a in b:\n    for x in xs:\n        z = x.y\n    break",
  "for x in xs:\n    def g():\n        return x.y",
])("goes on: %j", (body) => {
  expect(leaves(body)).toBe(false);
});
