import { expect, test } from "vitest";
import { CancellationToken, CancellationTokenSource, LSPErrorCodes, ResponseError } from "vscode-languageserver";
import { type Log, runSafe } from "./runSafe.ts";

function logTo(lines: string[]): Log {
  const write = (line: string): void => void lines.push(line);
  return { info: write, warn: write, error: write };
}

test("answers what the handler answers", async () => {
  expect(await runSafe(() => 1, 0, "It", CancellationToken.None, logTo([]))).toBe(1);
});

test("a failure is logged under its name, and the fallback answered", async () => {
  const lines: string[] = [];
  const fail = async (): Promise<number> => {
    throw new Error("broken");
  };
  expect(await runSafe(fail, 0, "The hover", CancellationToken.None, logTo(lines))).toBe(0);
  expect(lines).toEqual([expect.stringMatching(/^The hover failed: Error: broken\n {4}at /)]);
});

test("a cancelled request is answered as cancelled, before and after the work", async () => {
  const source = new CancellationTokenSource();
  let ran = 0;
  const work = (): number => {
    ran += 1;
    source.cancel();
    return 1;
  };
  const during = await runSafe(work, 0, "It", source.token, logTo([]));
  const before = await runSafe(work, 0, "It", source.token, logTo([]));
  for (const answer of [during, before]) {
    expect(answer).toBeInstanceOf(ResponseError);
    expect(answer).toMatchObject({ code: LSPErrorCodes.RequestCancelled });
  }
  expect(ran).toBe(1);
});
