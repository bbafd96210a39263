import assert from "node:assert/strict";
import type { Journey } from "./journey.ts";

/** What a person sees who applies a fix and has the tests say whether it is right; lines count from 1. */
export interface VerifiedFix {
  readonly name: string;
  readonly project: string;
  readonly template: string;
  readonly loopLine: number;
  readonly loadLine: number;
  readonly loadText: string;
  readonly fixTitle: RegExp;
  /** `101 -> 1 query` */
  readonly counts: string;
  readonly tests: number;
  readonly endpoint: string;
  readonly view: string;
  readonly viewLine: number;
  readonly line: string;
  readonly curedLine: string;
}

/** From a lightbulb to green tests and a lower count, and back again by one click. */
export function verifiedFix(expected: VerifiedFix): Journey {
  const { name, template, loopLine, counts, endpoint, view, viewLine } = expected;
  return {
    name,
    project: expected.project,
    async walk({ workbench, step }) {
      const { editor, lightbulb, views } = workbench;
      const shot = (surface: string) => workbench.screenshot(`${name}-${surface}`);
      const lens = async () => (await editor.lenses()).find(({ line }) => line === loopLine)?.text ?? "";
      const message = `${endpoint}: ${counts}, ${expected.tests} tests passed.`;

      await step("the tests are recorded", async () => {
        await workbench.runCommand("Querysight: Record All Tests");
        await editor.openFile(template);
        await workbench.until("the lens above the loop", async () => /^executes \d+ queries/.test(await lens()), {
          timeoutMs: 120_000,
          seen: lens,
        });
        await workbench.runCommand("View: Toggle Panel Visibility");
      });

      await step("the lightbulb offers to apply and verify", async () => {
        const items = await lightbulb.open(expected.loadLine, {
          text: expected.loadText,
          containing: expected.fixTitle,
        });
        assert.ok(items.some(({ title, disabled }) => expected.fixTitle.test(title) && !disabled));
        await shot("lightbulb");
        await lightbulb.choose(expected.fixTitle);
      });

      await step("the lens says what it was and what it is", async () => {
        await workbench.until("both counts", async () => (await lens()).startsWith(`executes ${counts}`), {
          timeoutMs: 120_000,
          seen: lens,
        });
      });

      await step("the notification names the tests, and Problems is without it", async () => {
        const notifications = () => workbench.notifications();
        await workbench.until(
          "the message",
          async () => (await notifications()).some((text) => text.includes(message)),
          {
            seen: notifications,
          },
        );
        await workbench.page.locator('[id="status.notifications"]').click();
        await shot("verified");
        await workbench.page.locator('[id="status.notifications"]').click();
        await workbench.until(
          "Problems",
          async () => (await views.problems()).every(({ file }) => file !== template.split("/").at(-1)),
          { seen: () => views.problems() },
        );
        await workbench.runCommand("View: Toggle Panel Visibility");
      });

      await step(`the edit stands in ${view}, and is saved`, async () => {
        await editor.openFile(view);
        await workbench.until("the edit", async () => (await editor.lineText(viewLine)).trim() === expected.curedLine);
        assert.equal(await workbench.page.locator(".tab.active.dirty").count(), 0);
        await shot("view");
      });

      await step("one click takes it back, with what it had shown", async () => {
        await workbench.answerNotification(message, "Undo");
        await workbench.until(
          "the line as it was",
          async () => (await editor.lineText(viewLine)).trim() === expected.line,
        );
        await editor.openFile(template);
        await workbench.until("the first count", async () => /^executes \d+ queries/.test(await lens()), {
          seen: lens,
        });
        await shot("undone");
      });
    },
  };
}
