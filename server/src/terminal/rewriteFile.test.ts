import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rangeOf } from "../text/testing.ts";
import { restoreFile, rewriteFile } from "./rewriteFile.ts";

let base: string;
let root: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "querysight-rewrite-"));
  root = join(base, "project");
  mkdirSync(root);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

const text = "orders = Order.objects.all()\nnames = []\n";

function edit(of: string) {
  return [{ range: rangeOf(of, "all()"), newText: "filter(\n    paid=True\n)" }];
}

test("makes the edits and leaves nothing beside the file", () => {
  writeFileSync(join(root, "views.py"), text);
  expect(rewriteFile(root, "views.py", text, edit(text))).toMatchObject({ ok: true });
  expect(readFileSync(join(root, "views.py"), "utf8")).toBe(
    "orders = Order.objects.filter(\n    paid=True\n)\nnames = []\n",
  );
  expect(readdirSync(root)).toEqual(["views.py"]);
});

test("keeps byte order mark, line ends and permissions", () => {
  const windows = text.replaceAll("\n", "\r\n");
  writeFileSync(join(root, "views.py"), `\uFEFF${windows}`);
  chmodSync(join(root, "views.py"), 0o750);
  expect(rewriteFile(root, "views.py", windows, edit(windows))).toMatchObject({ ok: true });
  expect(readFileSync(join(root, "views.py"), "utf8")).toBe(
    "\uFEFForders = Order.objects.filter(\r\n    paid=True\r\n)\r\nnames = []\r\n",
  );
  expect(statSync(join(root, "views.py")).mode & 0o777).toBe(0o750);
});

test("writes through a link that stays within the project", () => {
  mkdirSync(join(root, "src"));
  writeFileSync(join(root, "src", "views.py"), text);
  symlinkSync(join(root, "src", "views.py"), join(root, "views.py"));
  expect(rewriteFile(root, "views.py", text, edit(text))).toMatchObject({ ok: true });
  expect(lstatSync(join(root, "views.py")).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(root, "src", "views.py"), "utf8")).toContain("filter(");
});

test("says of what cannot be written its own name, not the temporary one", () => {
  // Beside a name of nearly the greatest length no longer one can be made, whoever asks.
  const path = `${"v".repeat(245)}.py`;
  writeFileSync(join(root, path), text);
  expect(rewriteFile(root, path, text, edit(text))).toEqual({
    ok: false,
    reason: `${path} cannot be rewritten (ENAMETOOLONG: name too long).`,
  });
  expect(readFileSync(join(root, path), "utf8")).toBe(text);
  expect(readdirSync(root)).toEqual([path]);
});

describe("leaves alone", () => {
  test("what changed meanwhile", () => {
    writeFileSync(join(root, "views.py"), `# new\n${text}`);
    expect(rewriteFile(root, "views.py", text, edit(text))).toMatchObject({ ok: false });
    expect(readFileSync(join(root, "views.py"), "utf8")).toBe(`# new\n${text}`);
  });

  test("what lies outside, also behind a link", () => {
    writeFileSync(join(base, "secret.py"), text);
    symlinkSync(join(base, "secret.py"), join(root, "views.py"));
    symlinkSync(base, join(root, "up"));
    for (const path of ["views.py", "../secret.py", "up/secret.py"]) {
      expect(rewriteFile(root, path, text, edit(text))).toMatchObject({ ok: false });
    }
    expect(readFileSync(join(base, "secret.py"), "utf8")).toBe(text);
  });

  test("what is not UTF-8", () => {
    const bytes = Buffer.concat([Buffer.from(text), Buffer.from([0x23, 0xe9, 0x0a])]);
    writeFileSync(join(root, "views.py"), bytes);
    expect(rewriteFile(root, "views.py", text, edit(text))).toEqual({ ok: false, reason: "views.py is not UTF-8." });
    expect(readFileSync(join(root, "views.py"))).toEqual(bytes);
  });

  test("what would be edited twice", () => {
    writeFileSync(join(root, "views.py"), text);
    expect(rewriteFile(root, "views.py", text, [...edit(text), ...edit(text)])).toMatchObject({ ok: false });
    expect(readFileSync(join(root, "views.py"), "utf8")).toBe(text);
  });

  test("what is not there", () => {
    expect(rewriteFile(root, "views.py", text, [])).toMatchObject({ ok: false });
  });
});

test("takes its edits back, byte for byte, unless somebody typed meanwhile", () => {
  const windows = `\uFEFF${text.replaceAll("\n", "\r\n")}`;
  writeFileSync(join(root, "views.py"), windows);
  const result = rewriteFile(root, "views.py", windows, edit(windows.slice(1)));
  if (!result.ok) throw new Error(result.reason);
  expect(restoreFile(root, "views.py", result)).toMatchObject({ ok: true });
  expect(readFileSync(join(root, "views.py"), "utf8")).toBe(windows);
  expect(restoreFile(root, "views.py", result)).toEqual({ ok: false, reason: "views.py changed meanwhile." });
});
