import { expect, test } from "vitest";
import { parseCommand } from "./arguments.ts";

const isFolder = (path: string): boolean => path === "demo";

test.each([
  ["report", { kind: "report", folder: ".", json: false }],
  ["report demo --json", { kind: "report", folder: "demo", json: true }],
  ["--json report elsewhere", { kind: "report", folder: "elsewhere", json: true }],
  ["fix --all", { kind: "fix", folder: ".", ids: "all" }],
  ["fix demo --all", { kind: "fix", folder: "demo", ids: "all" }],
  ["fix gone --all", { kind: "fix", folder: "gone", ids: "all" }],
  ["fix a b", { kind: "fix", folder: ".", ids: ["a", "b"] }],
  ["fix demo a", { kind: "fix", folder: "demo", ids: ["a"] }],
  ["fix ./gone a", { kind: "fix", folder: "./gone", ids: ["a"] }],
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
  ["fix a --json", "--json belongs to report"],
  ["report --colour", "--colour"],
])("querysight %s is refused", (line, message) => {
  const words = line === "" ? [] : line.split(" ");
  expect(parseCommand(words, isFolder)).toMatchObject({ kind: "usage", message: expect.stringContaining(message) });
});
