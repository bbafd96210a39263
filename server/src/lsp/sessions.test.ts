import { expect, test } from "vitest";
import type { Project } from "../features/project.ts";
import type { Session, SessionHost } from "../session/session.ts";
import { Sessions } from "./sessions.ts";

const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** Opens as told; `disposed` names the roots that were closed. */
function world(open: (root: string) => Promise<void> = async () => undefined) {
  const opened: string[] = [];
  const disposed: string[] = [];
  const changed: string[] = [];
  const host: SessionHost = {
    prepare: () => {},
    findRoot: (file) => (file.startsWith("/shop") ? "/shop" : null),
    findRootsBelow: () => [],
    open: async (root) => {
      opened.push(root);
      await open(root);
      return sessionAt(root, disposed);
    },
  };
  const sessions = new Sessions(
    host,
    () => null,
    log,
    ({ root }) => changed.push(root),
  );
  return { sessions, opened, disposed, changed };
}

function sessionAt(root: string, disposed: string[]): Session {
  return {
    root,
    project: {} as Project,
    condition: () => ({ kind: "ready" }),
    problems: () => [],
    settled: () => Promise.resolve(),
    readUnrun: () => undefined,
    textChanged: () => false,
    filesChanged: () => false,
    isOutdated: () => false,
    onDidChange: () => () => undefined,
    remember: () => undefined,
    refresh: async () => undefined,
    dispose: async () => void disposed.push(root),
  };
}

test("many files at once open their project once", async () => {
  const { sessions, opened, changed } = world();
  const files = await Promise.all(["/shop/a.py", "/shop/b/c.py", "/shop/a.py"].map((file) => sessions.of(file)));
  expect(files.map((file) => file?.path)).toEqual(["a.py", "b/c.py", "a.py"]);
  expect(opened).toEqual(["/shop"]);
  expect(changed).toEqual(["/shop"]);
});

test("a file without a project opens nothing", async () => {
  const { sessions, opened } = world();
  expect(await sessions.of("/elsewhere/a.py")).toBeNull();
  expect(opened).toEqual([]);
});

test("a project that could not be opened is tried again", async () => {
  let broken = true;
  const { sessions } = world(async () => {
    if (broken) throw new Error("locked");
  });
  expect(await sessions.of("/shop/a.py")).toBeNull();
  broken = false;
  expect((await sessions.of("/shop/a.py"))?.path).toBe("a.py");
});

test("what is still opening when the session ends is closed too, and nothing opens after", async () => {
  const { sessions, opened, disposed } = world();
  const opening = sessions.of("/shop/a.py");
  await sessions.dispose();
  await opening;
  expect(disposed).toEqual(["/shop"]);
  expect(await sessions.of("/shop/a.py")).toBeNull();
  expect(opened).toEqual(["/shop"]);
});

test("a project is opened anew once it is closed, and whoever asks meanwhile gets the new one", async () => {
  const { sessions, opened, disposed } = world();
  const before = (await sessions.of("/shop/a.py"))?.session;
  if (before === undefined) throw new Error("not opened");
  const opening = [sessions.openAgain(before), sessions.openAgain(before)];
  const during = await sessions.of("/shop/a.py");
  await Promise.all(opening);
  expect(opened).toEqual(["/shop", "/shop"]);
  expect(disposed).toEqual(["/shop"]);
  expect(during?.session).not.toBe(before);
  expect(sessions.all()).toEqual([during?.session]);
});
