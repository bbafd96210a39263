import { expect, test } from "vitest";
import { parseCommand } from "./arguments.ts";

const isFolder = (path: string): boolean => path === "demo";

const fix = { kind: "fix", verify: null, json: false };

test.each([
  ["report", { kind: "report", folder: ".", json: false }],
  ["report demo --json", { kind: "report", folder: "demo", json: true }],
  ["--json report elsewhere", { kind: "report", folder: "elsewhere", json: true }],
  ["report --static", { kind: "static-report", paths: ["."], json: false }],
  [
    "report --static --json demo shop/views.py",
    { kind: "static-report", paths: ["demo", "shop/views.py"], json: true },
  ],
  ["fix --all", { ...fix, folder: ".", ids: "all" }],
  ["fix demo --all", { ...fix, folder: "demo", ids: "all" }],
  ["fix gone --all", { ...fix, folder: "gone", ids: "all" }],
  ["fix a b", { ...fix, folder: ".", ids: ["a", "b"] }],
  ["fix demo a", { ...fix, folder: "demo", ids: ["a"] }],
  ["fix ./gone a", { ...fix, folder: "./gone", ids: ["a"] }],
  ["fix --all --verify", { ...fix, folder: ".", ids: "all", verify: { python: null, keep: false } }],
  [
    "fix demo a --verify --keep --python /srv/python --json",
    { ...fix, folder: "demo", ids: ["a"], verify: { python: "/srv/python", keep: true }, json: true },
  ],
  ["guard a", { kind: "guard", folder: ".", id: "a" }],
  ["guard demo request|a.py::test_a|call|1", { kind: "guard", folder: "demo", id: "request|a.py::test_a|call|1" }],
  ["--help", { kind: "help" }],
  ["report -h", { kind: "help" }],
  ["--version", { kind: "version" }],
])("querysight %s", (line, command) => {
  expect(parseCommand(line.split(" "), isFolder)).toEqual(command);
});

test.each([
  ["", "Say what to do"],
  ["mend", 'There is no command "mend"'],
  ["report a b", "one folder"],
  ["report --all", "--all belongs to fix"],
  ["fix", "Say which findings"],
  ["fix demo", "Say which findings"],
  ["fix demo a --all", "not both"],
  ["fix a --json", "--json belongs to fix --verify"],
  ["fix a --keep", "--keep belongs to fix --verify"],
  ["fix a --python py", "--python belongs to fix --verify"],
  ["report --verify", "--verify belongs to fix"],
  ["guard", "Say what to guard"],
  ["guard demo a b", "what to guard"],
  ["guard a --verify", "--verify belongs to fix"],
  ["report --colour", "--colour"],
])("querysight %s is refused", (line, message) => {
  const words = line === "" ? [] : line.split(" ");
  expect(parseCommand(words, isFolder)).toMatchObject({ kind: "usage", message: expect.stringContaining(message) });
});
