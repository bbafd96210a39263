/** What a person who types waits for: from the change sent to the lenses answered, over the protocol, with a pause between two keys. */
import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { LspClient } from "../../test/lsp/lspClient.ts";

const keys = 120;
/** A fast typist's; shorter than what the server waits for before it publishes. */
const pauseMs = 60;

export interface Typing {
  readonly firstLensMs: number;
  readonly lenses: number;
  /** Sorted, ms. */
  readonly answers: readonly number[];
}

/** Types a statement into the middle of a file, a letter at a time, and takes it out again, over and over. */
export async function typeInto(client: LspClient, file: string): Promise<Typing> {
  const text = readFileSync(file, "utf8");
  await client.open(file, text);
  const [lenses, firstLensMs] = await timed(() => client.codeLenses(file));
  const lines = text.split("\n");
  const middle = Math.floor(lines.length / 2);
  const before = lines.findIndex((content, index) => index >= middle && /^(?: {4}){1,2}\w.*\)$/.test(content));
  if (before < 0) throw new Error(`There is no call in the second half of ${file}.`);
  const line = before + 1;
  const indent = /^ */.exec(lines[before] ?? "")?.[0] ?? "";
  await client.change(file, { start: { line, character: 0 }, end: { line, character: 0 } }, `${indent}\n`);
  // Most of the time a statement that is being typed is a syntax error.
  const statement = "total = max(1, 2)";
  const answers: number[] = [];
  for (let key = 0; key < keys; key += 1) {
    const typed = key % (2 * statement.length);
    const forward = typed < statement.length;
    const character = indent.length + (forward ? typed : 2 * statement.length - 1 - typed);
    const range = { start: { line, character }, end: { line, character: forward ? character : character + 1 } };
    const [shown, ms] = await timed(async () => {
      await client.change(file, range, forward ? (statement[typed] ?? "") : "");
      return client.codeLenses(file);
    });
    if (shown.length === 0) throw new Error(`Typing took the lenses of ${file} away.`);
    answers.push(ms);
    await setTimeout(pauseMs);
  }
  return { firstLensMs, lenses: lenses.length, answers: answers.sort((a, b) => a - b) };
}

export async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const start = performance.now();
  const result = await work();
  return [result, performance.now() - start];
}
