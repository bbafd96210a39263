import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ProjectFiles } from "./files.ts";
import { findProject, findProjectsBelow } from "./findProject.ts";

let base: string;
let root: string;

beforeAll(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "querysight-project-")));
  root = join(base, "shop");
  mkdirSync(join(root, ".querysight"), { recursive: true });
  mkdirSync(join(root, "orders"));
  mkdirSync(join(base, "blog", ".querysight"), { recursive: true });
  mkdirSync(join(base, "node_modules", "thing", ".querysight"), { recursive: true });
  writeFileSync(join(base, "secret.txt"), "secret");
  writeFileSync(join(root, "orders", "views.py"), "\uFEFFname = 'Grüße'\r\n");
  writeFileSync(join(root, "large.py"), "#".repeat(2 * 1024 * 1024 + 1));
  writeFileSync(join(root, "legacy.py"), Buffer.from("# caf\xe9\n", "latin1"));
  symlinkSync("orders/views.py", join(root, "inside.py"));
  symlinkSync("../secret.txt", join(root, "outside.py"));
  symlinkSync("..", join(root, "up"));
});

afterAll(() => rmSync(base, { recursive: true, force: true }));

describe("finding projects", () => {
  test("goes upwards from a file, a folder, or a file that does not exist yet", () => {
    expect(findProject(join(root, "orders", "views.py"))).toBe(root);
    expect(findProject(join(root, "orders", "new", "file.py"))).toBe(root);
    expect(findProject(root)).toBe(root);
    expect(findProject(join(base, "secret.txt"))).toBeNull();
  });

  test("goes downwards in a workspace, but not into other people's packages", () => {
    expect(findProjectsBelow(base)).toEqual([join(base, "blog"), root]);
    expect(findProjectsBelow(root)).toEqual([root]);
    expect(findProjectsBelow(base, 0)).toEqual([]);
    expect(findProjectsBelow(join(base, "absent"))).toEqual([]);
  });
});

describe("reading files", () => {
  test("decodes UTF-8 without its BOM and keeps line ends", () => {
    expect(new ProjectFiles(root).read("orders/views.py")).toBe("name = 'Grüße'\r\n");
    expect(new ProjectFiles(root).read("legacy.py")).toBe("# caf\uFFFD\n");
  });

  test("follows links within the project", () => {
    expect(new ProjectFiles(root).read("inside.py")).toContain("Grüße");
  });

  test.each([
    "../secret.txt",
    "orders/../../secret.txt",
    "outside.py",
    "up/secret.txt",
    "orders\\views.py",
    "C:/secret.txt",
    "./orders/views.py",
    "orders//views.py",
    "orders/views.py\0",
    "",
    ".",
    "orders",
    "absent.py",
    "large.py",
  ])("refuses %j", (path) => {
    expect(new ProjectFiles(root).read(path)).toBeNull();
  });

  test("refuses absolute paths, even into the project", () => {
    expect(new ProjectFiles(root).read(join(root, "orders/views.py"))).toBeNull();
  });

  test("reads a project that is itself reached by a link", () => {
    symlinkSync(root, join(base, "link"));
    expect(new ProjectFiles(join(base, "link")).read("orders/views.py")).toContain("Grüße");
  });
});
