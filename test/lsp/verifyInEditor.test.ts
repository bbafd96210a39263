/** "Apply and verify" as an editor does it: the server plans and compares, the client edits and runs the tests. */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { URI } from "vscode-uri";
import type { VerificationPlan } from "../../server/src/protocol.ts";
import { applyEdits } from "../../server/src/text/edits.ts";
import { rangeOf } from "../../server/src/text/testing.ts";
import { inFolder, LspClient } from "./lspClient.ts";
import { demoFolder, record, type TestFolder } from "./projects.ts";

type Planned = Extract<VerificationPlan, { readonly kind: "planned" }>;

const rowsPath = "templates/orders/_rows.html";
const viewsPath = "shop/views.py";
const title = 'Add select_related("customer") in shop/views.py';

let demo: TestFolder;
let session: LspClient;

beforeAll(async () => {
  demo = demoFolder();
  await record(demo.root, "pytest", "-q", "-p", "no:cacheprovider", "shop/tests");
  session = await LspClient.start({ folders: [demo.root], initializationOptions: { commands: true } });
  await session.open(file(viewsPath));
  await session.open(file(rowsPath), undefined, "django-html");
  await session.until("the recording", async () => (await session.codeLenses(file(rowsPath))).length > 0);
}, 120_000);
afterAll(async () => {
  await session.stop();
  demo.remove();
});

function file(path: string): string {
  return inFolder(demo.root, path);
}

/** As an editor: the edit in the buffer of an open file, then in the file itself. */
async function apply({ files }: Planned, which: "edits" | "undo"): Promise<void> {
  for (const { uri, [which]: edits } of files) {
    const path = URI.parse(uri).fsPath;
    const before = readFileSync(path, "utf8");
    writeFileSync(path, applyEdits(before, edits));
    if (path !== file(viewsPath)) continue;
    for (const { range, newText } of edits) await session.change(path, range, newText);
  }
}

const queriesOfRows = async (): Promise<string | undefined> => (await session.lensTitles(file(rowsPath)))[0];

test("a fix is applied and verified from its code action, and undone", async () => {
  const range = rangeOf(readFileSync(file(viewsPath), "utf8"), "return Order.objects.paid()");
  const actions = await session.codeActions(file(viewsPath), range);
  const action = actions.find((action) => action.title === `${title}, and verify`);
  expect(action).toMatchObject({ command: { command: "querysight.applyAndVerify" } });
  expect(action?.edit).toBeUndefined();
  const { project, findingIds, title: wanted } = action?.command?.arguments?.[0] ?? {};
  expect([URI.parse(project).fsPath, wanted]).toEqual([demo.root, title]);

  const texts = [viewsPath, "shop/tests/test_order_list.py"].map((path) => readFileSync(file(path), "utf8"));
  const target = { kind: "fix", findingIds, title: wanted } as const;
  const plan = await session.verificationPlan({ uri: project, target });
  if (plan.kind === "refused") throw new Error(plan.message);
  expect(plan.tests).toHaveLength(4);
  expect(plan.runs).toMatchObject([
    { state: "partial", command: ["pytest", "-q", "-p", "no:cacheprovider", "shop/tests"] },
  ]);
  expect(plan.files.map(({ version }) => version)).toEqual([null, 1]);

  await apply(plan, "edits");
  await session.until("the note that it is not verified", async () =>
    /recorded before an edit/.test((await queriesOfRows()) ?? ""),
  );
  const command = ["pytest", "-q", "-p", "no:cacheprovider", ...plan.tests];
  await record(demo.root, ...command);
  const result = await session.verificationResult({ id: plan.id, command, output: "" });
  expect(result).toMatchObject({
    verdict: "fell",
    headline: "GET /orders/: 101 -> 1 query, 4 tests passed.",
    details: [],
    output: [],
    run: expect.stringMatching(/^\d{8}T/),
  });
  expect(await queriesOfRows()).toMatch(/^1: executes 101 -> 1 query · /);
  expect((await session.lensTitles(file(viewsPath))).at(0)).toMatch(/^17: 1 query · 100 rows/);
  await session.until("Problems without it", () => (session.diagnostics.get(file(rowsPath)) ?? []).length === 0);
  expect(await session.verificationResult({ id: plan.id, command, output: "" })).toMatchObject({ verdict: "unknown" });

  await apply(plan, "undo");
  expect([viewsPath, "shop/tests/test_order_list.py"].map((path) => readFileSync(file(path), "utf8"))).toEqual(texts);
  await session.until("the note again", async () => /recorded before an edit/.test((await queriesOfRows()) ?? ""));
}, 120_000);

test("tests are run again at a place, with no edit", async () => {
  const path = "shop/api/views.py";
  const range = rangeOf(readFileSync(file(path), "utf8"), "queryset =");
  const plan = await session.verificationPlan({
    uri: URI.file(file(path)).toString(),
    target: { kind: "place", range },
  });
  expect(plan).toMatchObject({ kind: "planned", title: "", files: [] });
  if (plan.kind === "refused") return;
  expect(plan.tests.every((test) => test.startsWith("shop/tests/test_api.py::"))).toBe(true);

  const result = await session.verificationResult({ id: plan.id, command: ["pytest", "nothing"], output: "boom\n" });
  expect(result).toMatchObject({ verdict: "not-run", output: ["boom"], run: null });
});

test("where nothing is recorded, or nothing is offered, it is said", async () => {
  const target = { kind: "fix-at", range: rangeOf("import csv", "csv") } as const;
  const nothing = await session.verificationPlan({ uri: URI.file(file(viewsPath)).toString(), target });
  expect(nothing).toEqual({ kind: "refused", message: "No fix is offered here." });
  const elsewhere = await session.verificationPlan({ uri: "file:///elsewhere/views.py", target });
  expect(elsewhere).toEqual({ kind: "refused", message: "Nothing is recorded here yet." });
});
