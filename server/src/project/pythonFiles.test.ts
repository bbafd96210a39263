import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findDjango } from "./findProject.ts";
import { pythonFiles, unrecordedRoot } from "./pythonFiles.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "querysight-files-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(...paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), "");
  }
}

test("a project's own Python files, and nobody else's", () => {
  write("manage.py", "shop/models.py", "shop/x.html", ".hidden/a.py", "node_modules/a.py", "env/a.py");
  write("mine/pyvenv.cfg", "mine/lib/a.py", "a/site-packages/b.py");
  symlinkSync(join(root, "shop"), join(root, "linked"));
  expect(pythonFiles(root, [root])).toEqual(["manage.py", "shop/models.py"]);
  expect(pythonFiles(root, [join(root, "shop"), join(root, "manage.py")])).toEqual(["manage.py", "shop/models.py"]);
  expect(pythonFiles(root, [join(root, "nowhere")])).toEqual([]);
});

test("imports of a folder that was never recorded start from what looks like a project", () => {
  write("pyproject.toml", "shop/orders/views.py");
  expect(unrecordedRoot(join(root, "shop/orders"))).toBe(root);
});

test("a Django project is known by the nearest manage.py", () => {
  write("manage.py", "shop/views.py", "backend/manage.py", "backend/shop/views.py");
  expect(findDjango(join(root, "shop/views.py"))).toBe(root);
  expect(findDjango(join(root, "backend/shop/views.py"))).toBe(join(root, "backend"));
  expect(findDjango(tmpdir())).toBeNull();
});
