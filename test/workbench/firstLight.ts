import assert from "node:assert/strict";
import type { Journey } from "./journey.ts";

/** What a person sees in one project; lines count from 1. */
export interface Expectations {
  readonly name: string;
  readonly project: string;
  readonly template: string;
  readonly loopLine: number;
  readonly queries: number;
  /** The line of the template that loads, and the words in it to rest the mouse on. */
  readonly loadLine: number;
  readonly loadText: string;
  readonly table: string;
  readonly endpoint: string;
  /** Where the cure goes, in another file. */
  readonly view: string;
  readonly viewLine: number;
  readonly fixTitle: RegExp;
  readonly curedLine: string;
}

/** From an unrecorded project to a lens, a hover, an applied fix in another file and the tree, as a person walks it. */
export function firstLight(expected: Expectations): Journey {
  return {
    name: expected.name,
    project: expected.project,
    async walk({ workbench, step }) {
      const { editor, lightbulb, views } = workbench;
      const shot = (surface: string) => workbench.screenshot(`${expected.name}-${surface}`);
      const rows = () => views.treeRows("Slow endpoints");

      await step("the side bar offers to record", async () => {
        await views.open("Slow endpoints");
        await workbench.until("the offer", async () =>
          /Nothing is recorded yet/.test(await views.welcomeText("Slow endpoints")),
        );
        await shot("empty");
      });

      await step("Record All Tests fills the tree", async () => {
        await workbench.runCommand("Querysight: Record All Tests");
        const row = await workbench.until(
          "the endpoint in the tree",
          async () => (await rows()).find(({ label }) => label === expected.endpoint),
          { timeoutMs: 120_000, seen: rows },
        );
        await workbench.until(
          "its count",
          async () =>
            (await rows()).some(
              ({ label, description }) =>
                label === expected.endpoint && description.includes(`${expected.queries} queries`),
            ),
          { timeoutMs: 60_000, seen: rows },
        );
        assert.ok(row.expanded === false, "the endpoint opens to its causes");
        await workbench.page.keyboard.press("Escape");
        await shot("tree");
      });

      await step("a click on the endpoint opens its view", async () => {
        await views.clickRow("Slow endpoints", expected.endpoint);
        await workbench.until("the view's file", () =>
          workbench.page.locator(`.tab.active[data-resource-name="${expected.view.split("/").at(-1)}"]`).isVisible(),
        );
      });

      await step(`the loop in ${expected.template} executes ${expected.queries} queries`, async () => {
        await editor.openFile(expected.template);
        const lens = await workbench.until(
          "the lens above the loop",
          async () => (await editor.lenses()).find(({ line }) => line === expected.loopLine),
          { seen: () => editor.lenses() },
        );
        assert.match(lens.text, new RegExp(`^executes ${expected.queries} queries`));
        await shot("lens");
      });

      await step("the hover shows the SQL and its plan", async () => {
        const hover = await editor.hoverAt(expected.loadLine, expected.loadText, /SELECT/);
        assert.match(hover, new RegExp(expected.table));
        assert.match(hover, /SEARCH|SCAN/);
        assert.match(hover, new RegExp(`${expected.queries - 1}`));
        await shot("hover");
        await workbench.page.keyboard.press("Escape");
      });

      await step("the queryset in the other file says what its rows load", async () => {
        await editor.openFile(expected.view);
        await editor.goToLine(expected.viewLine);
        const lens = await workbench.until(
          "the lens above the queryset",
          async () => (await editor.lenses()).find(({ line }) => line === expected.viewLine),
          { seen: () => editor.lenses() },
        );
        assert.match(
          lens.text,
          new RegExp(`^1 query · ${expected.queries - 1} rows .*load ${expected.queries - 1} more`),
        );
        await shot("queryset");
        await editor.openFile(expected.template);
      });

      await step("Problems lists it", async () => {
        await views.problems();
        // The panel renders only the rows on the screen.
        await workbench.page.getByPlaceholder(/^Filter \(e\.g\./).fill(expected.template.split("/").at(-1) ?? "");
        await workbench.until(
          "the problem",
          async () =>
            (await views.problems()).some(({ text }) => text.includes(`${expected.queries - 1} extra queries`)),
          { seen: () => views.problems() },
        );
        await shot("problems");
        await workbench.runCommand("View: Toggle Panel Visibility");
      });

      await step("the lightbulb offers the fix in the other file", async () => {
        const items = await lightbulb.open(expected.loadLine, {
          text: expected.loadText,
          containing: expected.fixTitle,
        });
        assert.ok(items.some(({ title, disabled }) => expected.fixTitle.test(title) && !disabled));
        await shot("lightbulb");
        await lightbulb.choose(expected.fixTitle);
      });

      await step(`the edit stands in ${expected.view}`, async () => {
        await editor.openFile(expected.view);
        await workbench.until(
          "the edit",
          async () => (await editor.lineText(expected.viewLine)).trim() === expected.curedLine,
          { seen: () => editor.lineText(expected.viewLine) },
        );
        await shot("edit");
      });

      await step("the count says that it was recorded before the edit", async () => {
        await editor.openFile(expected.template);
        await workbench.until(
          "the stale lens",
          async () => (await editor.lenses()).some(({ text }) => /recorded before an edit/.test(text)),
          { seen: () => editor.lenses() },
        );
        await shot("stale");
      });

      await step("a new recording shows the cure", async () => {
        await workbench.runCommand("File: Save All Files");
        await workbench.runCommand("Querysight: Record All Tests");
        await workbench.until(
          "the lower count",
          async () => {
            const row = (await rows()).find(({ label }) => label === expected.endpoint);
            return row !== undefined && /^[12] quer/.test(row.description);
          },
          { timeoutMs: 120_000, seen: rows },
        );
        await workbench.until(
          "the lens of the cured loop",
          async () => (await editor.lenses()).some(({ text }) => /^executes 1 query/.test(text)),
          { seen: () => editor.lenses() },
        );
        await shot("cured");
      });
    },
  };
}
