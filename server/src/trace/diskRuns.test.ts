import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DiskRuns } from "./diskRuns.ts";

const RUN = "20260101T000000Z-1-aaaa";
let base: string;
let store: string;
let folder: string;

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "querysight-runs-"));
  store = join(base, ".querysight");
  folder = join(store, "runs", RUN);
  mkdirSync(folder, { recursive: true });
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

test("lists runs and segments, and names what is foreign", () => {
  for (const name of [
    "main.ndjson",
    "gw12.ndjson",
    "p4711.ndjson",
    "run.json",
    ".run.json.12",
    "notes.txt",
    "main.ndjson.bak",
  ]) {
    writeFileSync(join(folder, name), "12345");
  }
  writeFileSync(join(store, "runs", "README"), "");
  mkdirSync(join(store, "runs", "yesterday"));
  const listing = new DiskRuns(store).list();
  expect(listing?.runs).toMatchObject([
    { name: RUN, segments: [{ process: "gw12", size: 5 }, { process: "main" }, { process: "p4711" }] },
  ]);
  expect(listing?.foreign.map(({ file }) => file).sort()).toEqual(
    [`runs/${RUN}/main.ndjson.bak`, `runs/${RUN}/notes.txt`, "runs/README", "runs/yesterday"].sort(),
  );
});

test("follows no link: not to a segment, a run, the runs or the folder", () => {
  const outside = join(base, "outside");
  mkdirSync(join(outside, "runs", RUN), { recursive: true });
  writeFileSync(join(outside, "runs", RUN, "main.ndjson"), "secret");
  symlinkSync(join(outside, "runs", RUN, "main.ndjson"), join(folder, "main.ndjson"));
  symlinkSync(join(outside, "runs", RUN), join(store, "runs", "20260102T000000Z-1-aaaa"));
  const runs = new DiskRuns(store);
  expect(runs.list()?.runs).toEqual([{ name: RUN, isWhole: true, manifestStamp: "", segments: [] }]);
  expect(runs.list()?.foreign).toHaveLength(2);
  expect(() => runs.read(RUN, "main", 0, new Uint8Array(10))).toThrow();
  symlinkSync(outside, join(base, "linked"));
  expect(new DiskRuns(join(base, "linked")).list()).toMatchObject({ runs: [], foreign: [{ file: "." }] });
});

test("has nothing to list where there is no folder", () => {
  expect(new DiskRuns(join(base, "absent")).list()).toBeNull();
});

test("removes a run's own files, and the folder only where nothing else is in it", () => {
  writeFileSync(join(folder, "main.ndjson"), "");
  writeFileSync(join(folder, "run.json"), "{}");
  writeFileSync(join(folder, "mine.txt"), "");
  const runs = new DiskRuns(store);
  runs.remove(RUN);
  expect(readdirSync(folder)).toEqual(["mine.txt"]);
  rmSync(join(folder, "mine.txt"));
  runs.remove(RUN);
  expect(readdirSync(join(store, "runs"))).toEqual([]);
});
