import { appendFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SegmentBuilder } from "../../server/src/trace/testing.ts";
import { inFolder, LspClient } from "../lsp/lspClient.ts";
import { manifestOf, runName, UserFolder } from "./project.ts";

const path = "shop/services.py";
const text = "def names():\n    return [o.customer.name for o in Order.objects.all()]\n";

let folder: UserFolder;
const editors: LspClient[] = [];

beforeEach(() => {
  folder = new UserFolder();
  folder.writeText(path, text);
});

afterEach(async () => {
  for (const editor of editors.splice(0)) await editor.stop();
  folder.remove();
});

async function start(): Promise<LspClient> {
  const editor = await LspClient.start({ folders: [folder.root] });
  editors.push(editor);
  await editor.open(inFolder(folder.root, path));
  return editor;
}

const lens = async (editor: LspClient) => (await editor.lensTitles(inFolder(folder.root, path)))[0] ?? "";
const shows = (editor: LspClient, queries: number) =>
  editor.until(`${queries} queries`, async () => (await lens(editor)).includes(`executes ${queries} `));

/** A run of tests, each of which loads so many customers one by one; `append` writes what came since. */
class Recording {
  readonly #segment: SegmentBuilder;
  readonly #ids: { readonly chain: number; readonly load: number };
  readonly #file: string;

  constructor(day: number) {
    this.#segment = new SegmentBuilder(runName(day));
    const file = this.#segment.file(path, text);
    const site = { qualname: "names", functionLine: 1 };
    this.#ids = {
      chain: this.#segment.siteAt(file, "Order.objects.all()", site),
      load: this.#segment.siteAt(file, "o.customer", site),
    };
    const running = { state: "running", pid: process.pid, root: folder.root };
    folder.writeText(`.querysight/runs/${runName(day)}/run.json`, manifestOf(runName(day), running));
    this.#file = folder.write(this.#segment);
  }

  test(name: string, rows: number): this {
    const { chain, load } = this.#ids;
    const scope = this.#segment.scope({ test: name });
    const root = this.#segment.row(scope, {
      stack: this.#segment.stack(chain),
      cause: this.#segment.cause("queryset", { model: "shop.Order" }),
      statement: this.#segment.statement("SELECT 1"),
      rows,
    });
    const cause = this.#segment.cause("foreign_key", { model: "shop.Order", field: "customer", lookup: "customer" });
    const statement = this.#segment.statement("SELECT 2");
    this.#segment.row(scope, { stack: this.#segment.stack(load), cause, statement, parent: root, count: rows });
    this.#segment.endScope(scope).test(name);
    return this;
  }

  /** @param keep so many bytes of the end are not written yet */
  append(keep = 0): void {
    const rest = Buffer.from(this.#segment.toString()).subarray(statSync(this.#file).size);
    appendFileSync(this.#file, rest.subarray(0, rest.length - keep));
  }
}

test("two editors on one folder show the same while it is recorded, and one goes on when the other is killed", async () => {
  const [one, two] = [await start(), await start()];
  const recording = new Recording(1);
  recording.test("a", 10).append();
  await Promise.all([shows(one, 11), shows(two, 11)]);
  recording.test("b", 20).append(40);
  recording.append();
  await Promise.all([shows(one, 21), shows(two, 21)]);
  recording.test("c", 30).append();
  process.kill(two.pid ?? 0, "SIGKILL");
  editors.splice(editors.indexOf(two), 1);
  recording.test("d", 40).append();
  await shows(one, 41);
  const three = await start();
  await shows(three, 41);
  new Recording(2).test("d", 4).append();
  await Promise.all([shows(one, 31), shows(three, 31)]);
  expect((await one.status()).projects).toMatchObject([{ testsRecorded: 4, problems: [] }]);
});

test("a store that is deleted under two editors is built anew once, and both go on", async () => {
  const recording = new Recording(1);
  recording.test("a", 10).append();
  const [one, two] = [await start(), await start()];
  await Promise.all([shows(one, 11), shows(two, 11)]);
  for (const suffix of ["", "-wal", "-shm"])
    rmSync(join(folder.root, ".querysight", `trace.db${suffix}`), { force: true });
  recording.test("b", 20).append();
  await Promise.all([shows(one, 21), shows(two, 21)]);
  recording.test("c", 30).append();
  await Promise.all([shows(one, 31), shows(two, 31)]);
  expect((await two.status()).projects).toMatchObject([{ testsRecorded: 3, problems: [] }]);
});
