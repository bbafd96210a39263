import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ProjectFiles } from "../project/files.ts";
import { FileTexts } from "./fileTexts.ts";

let base: string;
let root: string;
let now: number;
let buffers: Map<string, string>;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "querysight-texts-")));
  root = join(base, "project");
  now = 10_000;
  buffers = new Map();
  mkdirSync(root);
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function texts(): FileTexts {
  return new FileTexts(
    root,
    new ProjectFiles(root),
    (file) => buffers.get(file) ?? null,
    () => now,
  );
}

/** With a time of its own: two writes in one tick of the clock would look like one. */
function write(path: string, text: string, at: number): void {
  writeFileSync(join(root, path), text);
  utimesSync(join(root, path), at, at);
}

test("an open buffer comes before the file", () => {
  write("views.py", "on disk", 1);
  const source = texts();
  expect(source.read("views.py")).toBe("on disk");
  buffers.set(join(root, "views.py"), "typed");
  expect(source.read("views.py")).toBe("typed");
  buffers.clear();
  expect(source.read("views.py")).toBe("on disk");
});

test("a file that changes, goes or comes is seen after a moment, and the version tells", () => {
  write("views.py", "old", 1);
  const source = texts();
  const before = source.version;
  expect([source.read("views.py"), source.read("new.py")]).toEqual(["old", null]);
  write("views.py", "new", 2);
  write("new.py", "here", 2);
  expect(source.read("views.py")).toBe("old");
  now += 1_000;
  expect([source.read("views.py"), source.read("new.py")]).toEqual(["new", "here"]);
  expect(source.version).toBeGreaterThan(before);
  rmSync(join(root, "views.py"));
  now += 1_000;
  expect(source.read("views.py")).toBeNull();
});

test("of many files a few are looked at now and then, all of them within about the time that they are trusted", () => {
  const paths = Array.from({ length: 100 }, (_, index) => `${index}.py`);
  for (const path of paths) write(path, "old", 1);
  const source = texts();
  for (const path of paths) source.read(path);
  for (const path of paths) write(path, "new", 2);
  const changed = () => paths.filter((path) => source.read(path) === "new").length;
  now += 1_000;
  const seen = [changed(), changed()];
  now += 20;
  seen.push(changed());
  now += 20;
  seen.push(changed());
  expect(seen).toEqual([40, 40, 80, 100]);
});

test("a change that is told of is seen at once", () => {
  write("views.py", "old", 1);
  const source = texts();
  source.read("views.py");
  expect(source.filesChanged()).toBe(false);
  write("views.py", "new", 2);
  expect(source.filesChanged()).toBe(true);
  expect(source.read("views.py")).toBe("new");
});

test("a version stays while nothing changes that was read, and grows with a buffer that was", () => {
  write("views.py", "x", 1);
  const source = texts();
  source.read("views.py");
  const before = source.version;
  now += 60_000;
  expect(source.version).toBe(before);

  buffers.set(join(root, "views.py"), "x");
  source.bufferChanged("views.py");
  source.bufferChanged("never/asked/for.py");
  expect(source.version).toBe(before);

  buffers.set(join(root, "views.py"), "xy");
  source.bufferChanged("views.py");
  expect(source.version).toBe(before + 1);
  expect(source.read("views.py")).toBe("xy");
  buffers.clear();
  source.bufferChanged("views.py");
  expect(source.version).toBe(before + 2);
});

test("a link that leads out of the project after all hides what stood there", () => {
  write("views.py", "mine", 1);
  writeFileSync(join(base, "secret.py"), "secret");
  const source = texts();
  expect(source.read("views.py")).toBe("mine");
  rmSync(join(root, "views.py"));
  symlinkSync(join(base, "secret.py"), join(root, "views.py"));
  now += 1_000;
  expect(source.read("views.py")).toBeNull();
  const before = source.version;
  now += 1_000;
  expect([source.read("views.py"), source.version]).toEqual([null, before]);
});

test("neither file nor buffer is read through a path that leaves the project", () => {
  writeFileSync(join(base, "secret.py"), "secret");
  symlinkSync(join(base, "secret.py"), join(root, "link.py"));
  buffers.set(join(base, "secret.py"), "secret buffer");
  buffers.set(join(root, "link.py"), "secret buffer");
  const source = texts();
  for (const path of ["../secret.py", "link.py", "/etc/passwd", "a/../../secret.py", "..\\secret.py", ""]) {
    expect(source.read(path)).toBeNull();
  }
});
