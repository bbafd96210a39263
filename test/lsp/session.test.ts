import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { rangeOf } from "../../server/src/text/testing.ts";
import { type ClientOptions, inFolder, LspClient } from "./lspClient.ts";
import { demoFolder, record, type TestFolder } from "./projects.ts";

const rowsPath = "templates/orders/_rows.html";
const viewsPath = "shop/views.py";

let demo: TestFolder;
let client: LspClient | null = null;
beforeAll(async () => {
  demo = demoFolder();
  await record(demo.root);
});
afterAll(() => demo.remove());
afterEach(async () => {
  await client?.stop();
  client = null;
});

async function start(options: Partial<ClientOptions> = {}): Promise<LspClient> {
  client = await LspClient.start({ folders: [demo.root], ...options });
  return client;
}

/** With a template and a view open, and their recording read. */
async function startOnOrders(options: Partial<ClientOptions> = {}): Promise<LspClient> {
  const session = await start(options);
  await session.open(file(viewsPath));
  await session.open(file(rowsPath), undefined, "django-html");
  await session.until("the recording", async () => (await session.codeLenses(file(rowsPath))).length > 0);
  await session.until("the findings", async () => (await session.status()).projects[0]?.findings);
  return session;
}

function file(path: string): string {
  return inFolder(demo.root, path);
}

function text(path: string): string {
  return readFileSync(file(path), "utf8");
}

const wholeLine = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
const orderLens = /^1: executes 101 queries · 100x order\.customer \(N\+1\) · [\d.<]+ m?s SQL$/;

test("announces what it can do", async () => {
  const { initialized } = await start();
  expect(initialized.serverInfo?.name).toBe("querysight");
  expect(initialized.capabilities).toMatchInlineSnapshot(`
    {
      "codeActionProvider": {
        "codeActionKinds": [
          "quickfix",
          "refactor",
        ],
      },
      "codeLensProvider": {
        "resolveProvider": false,
      },
      "hoverProvider": true,
      "inlayHintProvider": {
        "resolveProvider": false,
      },
      "positionEncoding": "utf-16",
      "textDocumentSync": {
        "change": 2,
        "openClose": true,
      },
      "workspace": {
        "workspaceFolders": {
          "changeNotifications": true,
          "supported": true,
        },
      },
    }
  `);
});

describe("on the demo's order list", () => {
  let session: LspClient;
  beforeAll(async () => {
    session = await startOnOrders({ initializationOptions: { commands: true } });
    // Shared by these tests, which change nothing.
    client = null;
  });
  afterAll(() => session.stop());

  test("a lens stands above the template's loop, and leads to the load and its queryset", async () => {
    expect(await session.lensTitles(file(rowsPath))).toEqual([expect.stringMatching(orderLens)]);
    const [lens] = await session.codeLenses(file(rowsPath));
    expect(lens?.command).toMatchObject({ command: "querysight.show" });
    expect(lens?.command?.arguments?.[0].places).toMatchObject([
      { uri: expect.stringMatching(/_rows\.html$/), label: "100x order.customer" },
      { uri: expect.stringMatching(/shop\/views\.py$/), range: { start: { line: 16 } } },
      { uri: expect.stringMatching(/_rows\.html$/) },
    ]);
  });

  test("the view's queryset tells what its rows cost", async () => {
    expect((await session.lensTitles(file(viewsPath))).at(0)).toMatch(
      /^17: 1 query · 100 rows · .* · its rows load 100 more, one by one \(N\+1\)$/,
    );
  });

  test("a hover answers first, then shows SQL that runs and its plan", async () => {
    const hover = await session.hover(file(rowsPath), rangeOf(text(rowsPath), "customer.name").start);
    expect(hover?.contents).toMatchObject({ kind: "markdown" });
    const value = typeof hover?.contents === "object" && "value" in hover.contents ? hover.contents.value : "";
    expect(value).toMatch(/^\*\*100 queries\*\*: `order\.customer` \(N\+1\), 100 rows, .* in `GET \/orders\/`/);
    expect(value).toContain("The queryset is written in `shop/views.py:17`");
    expect(value).toMatch(
      /```sql\nSELECT\n[\s\S]*"customers_customer"\."id" = \d+[\s\S]*```querysight-plan\nSEARCH customers_customer/,
    );
    expect(value).toContain("`shop/tests/test_order_list.py::OrderListTests::test_number_of_queries`");
    expect(value).toMatch(/Recorded (just now|\d minutes? ago)\.$/);
  });

  test("the line that loads says how often", async () => {
    expect(await session.inlayHints(file(rowsPath))).toMatchObject([{ label: "100 queries", position: { line: 4 } }]);
  });

  test("Problems lists the load, pointing at the queryset; the fix edits the view's file", async () => {
    const [diagnostic, ...others] = await session.until("the diagnostics", () =>
      session.diagnostics.get(file(rowsPath)),
    );
    expect(others).toEqual([]);
    expect(diagnostic).toMatchObject({
      source: "querysight",
      code: "n-plus-one",
      severity: 2,
      range: { start: { line: 4 } },
      relatedInformation: [
        { location: { uri: expect.stringMatching(/shop\/views\.py$/), range: { start: { line: 16 } } } },
      ],
    });
    if (diagnostic === undefined) return;

    const [action] = await session.codeActions(file(rowsPath), diagnostic.range, [diagnostic]);
    expect(action).toMatchObject({ kind: "quickfix", isPreferred: true, diagnostics: [{ code: "n-plus-one" }] });
    const changes = action?.edit?.documentChanges ?? [];
    expect(changes).toMatchObject([
      {
        textDocument: { uri: expect.stringMatching(/test_order_list\.py$/), version: null },
        edits: [{ newText: "1" }],
      },
      {
        textDocument: { uri: expect.stringMatching(/shop\/views\.py$/), version: 1 },
        edits: [{ newText: '.select_related("customer")' }],
      },
    ]);
  });

  test("the fix is offered on the queryset's own line and on the loop's too", async () => {
    const titles = async (path: string, code: string): Promise<readonly string[]> =>
      (await session.codeActions(file(path), rangeOf(text(path), code))).map(({ title }) => title);
    const title = 'Add select_related("customer") in shop/views.py';
    const inTheMethod = expect.stringMatching(
      /^Add select_related\("customer"\) in OrderQuerySet\.paid\(\) for all that call it/,
    );
    const expected = [title, `${title}, and verify`, inTheMethod, inTheMethod];
    expect(await titles(viewsPath, "return Order.objects.paid()")).toEqual(expected);
    expect(await titles(rowsPath, "{% for order in orders %}")).toEqual(expected);
    expect(await titles(viewsPath, "import csv")).toEqual([]);
  });

  test("a fix that cannot be made is shown with its reason", async () => {
    const path = "catalogue/models.py";
    const [action] = await session.codeActions(file(path), rangeOf(text(path), "order_items.aggregate"));
    expect(action?.edit).toBeUndefined();
    expect(action?.disabled?.reason).toMatch(/other rows may pass through Product\.units_sold/);
  });

  test("endpoints: the order list first, with its cause and the way to the view", async () => {
    const { projects } = await session.endpoints();
    expect(projects).toHaveLength(1);
    expect(projects[0]?.endpoints[0]).toMatchObject({
      label: "GET /orders/",
      queries: 101,
      nPlusOne: 1,
      detail: expect.stringMatching(/OrderListView/),
      location: { uri: expect.stringMatching(/shop\/views\.py$/), range: { start: { line: 16 } } },
      causes: [
        {
          label: "100x order.customer",
          queries: 100,
          rule: "n-plus-one",
          location: { uri: expect.stringMatching(/_rows\.html$/) },
        },
        { rule: null },
      ],
    });
    expect(projects[0]?.tests.map(({ label }) => label)).toContain(
      "shop/tests/test_order_list.py::OrderListTests::test_number_of_queries",
    );
  });

  test("status: what is recorded and found", async () => {
    const { projects } = await session.status();
    expect(projects).toMatchObject([{ state: "ready", message: "", problems: [] }]);
    expect(projects[0]?.testsRecorded).toBeGreaterThan(50);
    expect(projects[0]?.testsCollected).toBe(projects[0]?.testsRecorded);
    expect(projects[0]?.findings).toBeGreaterThan(10);
  });
});

describe("on the demo while it changes", () => {
  test("typing moves what stands, and marks what was edited as old", async () => {
    const session = await startOnOrders();
    await session.change(
      file(viewsPath),
      { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
      "# moved\n",
    );
    expect((await session.lensTitles(file(viewsPath))).at(0)).toMatch(/^18: 1 query/);
    expect(await session.lensTitles(file(rowsPath))).toEqual([expect.stringMatching(orderLens)]);

    const end = { line: 17, character: "        return Order.objects.paid()".length };
    await session.change(file(viewsPath), { start: end, end }, '.select_related("customer")');
    expect(await session.lensTitles(file(rowsPath))).toEqual([
      expect.stringMatching(/^1: executed 101 queries · recorded before an edit in shop\/views\.py:18 · /),
    ]);
    const old = await session.until("the old diagnostic", () =>
      session.diagnostics.get(file(rowsPath))?.find(({ severity }) => severity === 3),
    );
    expect(old.message).toContain("not yet verified");

    await session.close(file(viewsPath));
    expect(await session.lensTitles(file(rowsPath))).toEqual([expect.stringMatching(orderLens)]);
  });

  test("half-typed code takes nothing away from the rest", async () => {
    const session = await startOnOrders();
    await session.change(
      file(viewsPath),
      { start: { line: 7, character: 0 }, end: { line: 7, character: 0 } },
      "def (:\n  '''",
    );
    expect(await session.lensTitles(file(rowsPath))).toHaveLength(1);
  });

  test("code that no test runs has a hint, an edit that is its own, and an off switch", async () => {
    const unrun = file("shop/management/commands/parcels.py");
    const session = await startOnOrders();
    await session.open(unrun);
    const [hint, ...others] = await session.until("the hint", () => {
      const found = session.diagnostics.get(unrun);
      return found?.length ? found : undefined;
    });
    expect(others).toEqual([]);
    expect(hint).toMatchObject({ severity: 4, code: "n-plus-one", source: "querysight" });
    expect(hint?.message).toBe(
      'Each shipment of this loop would load its order: one query for each row (from reading the code; no recorded test runs this loop). Load them with the list: select_related("order") in shop/management/commands/parcels.py:12.',
    );
    const actions = await session.codeActions(unrun, hint?.range ?? wholeLine, hint === undefined ? [] : [hint]);
    expect(actions.map(({ title, isPreferred }) => [title, isPreferred])).toEqual([
      ['Add select_related("order") in shop/management/commands/parcels.py', false],
      ["Ignore n-plus-one here", false],
    ]);
    // What tests ran is not read: a service's loops have what was recorded alone.
    const run = file("customers/services.py");
    await session.open(run);
    const recorded = await session.until("what was recorded", () => session.diagnostics.get(run));
    expect(recorded.every(({ message }) => !JSON.stringify(message).includes("from reading"))).toBe(true);
    await session.configure({ static: { enabled: false } });
    await session.until("the hint to go", () => session.diagnostics.get(unrun)?.length === 0);
    await session.configure({ static: { enabled: true } });
    await session.until("the hint to come back", () => session.diagnostics.get(unrun)?.length === 1);
    await session.close(unrun);
    await session.until("the hint to go with its file", () => session.diagnostics.get(unrun)?.length === 0);
  });

  test("each surface has its off switch", async () => {
    const session = await startOnOrders();
    await session.until("the diagnostics", () => session.diagnostics.get(file(rowsPath))?.length);
    const off = { enabled: false };
    await session.configure({ codeLens: off, hover: off, inlayHints: off, diagnostics: off });
    await session.until("the diagnostics to go", () => session.diagnostics.get(file(rowsPath))?.length === 0);
    expect(await session.codeLenses(file(rowsPath))).toEqual([]);
    expect(await session.inlayHints(file(rowsPath))).toEqual([]);
    expect(await session.hover(file(rowsPath), rangeOf(text(rowsPath), "customer.name").start)).toBeNull();
    await session.configure({ codeLens: "nonsense" });
    expect(await session.codeLenses(file(rowsPath))).toHaveLength(1);
  });
});

describe("for a client that can do little", () => {
  test("lenses carry no command, hovers are plain text, edits have no versions", async () => {
    const capabilities = {
      textDocument: { codeAction: { codeActionLiteralSupport: { codeActionKind: { valueSet: [] } } } },
    };
    const session = await startOnOrders({ capabilities });
    const [lens] = await session.codeLenses(file(rowsPath));
    expect(lens?.command).toEqual({ title: expect.stringMatching(/^executes 101 queries/), command: "" });
    const hover = await session.hover(file(rowsPath), rangeOf(text(rowsPath), "customer.name").start);
    expect(hover?.contents).toMatchObject({
      kind: "plaintext",
      value: expect.stringMatching(/^100 queries: order\.customer/),
    });
    const [action] = await session.codeActions(file(rowsPath), rangeOf(text(rowsPath), "order.customer"));
    expect(Object.keys(action?.edit?.changes ?? {})).toHaveLength(2);
    const path = "catalogue/models.py";
    // A fix that cannot be made has no place there; the guard, which is none, has.
    const elsewhere = await session.codeActions(file(path), rangeOf(text(path), "order_items.aggregate"));
    expect(elsewhere).toMatchObject([{ kind: "refactor", title: expect.stringMatching(/^Assert 10 queries/) }]);
  });

  test("over Node's own channel too", async () => {
    const session = await startOnOrders({ transport: "node-ipc" });
    expect(await session.lensTitles(file(rowsPath))).toEqual([expect.stringMatching(orderLens)]);
  });
});
