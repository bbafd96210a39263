import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { LineScanner } from "../../server/src/trace/lineScanner.ts";
import { parseManifest } from "../../server/src/trace/manifest.ts";
import { JsonText, parseLine } from "../../server/src/trace/records.ts";
import { MemoryRuns, openMemoryTrace } from "../../server/src/trace/testing.ts";
import { cases, patience } from "./cases.ts";
import { recordSlices, type Slice } from "./demoSegment.ts";
import { checkIngested } from "./ingested.ts";
import { changedMember, Mutant, mutantsOf } from "./mutants.ts";

/** Segments that go into one store together. */
const together = 25;

let slices: readonly Slice[];
let lines: readonly string[];
beforeAll(async () => {
  slices = await recordSlices();
  lines = [...new Set(slices.flatMap((slice) => slice.lines))];
});

test(
  "a line with a member that is not what it was is read or refused, and never stops the reader",
  () => {
    const some = fc.record({ line: fc.nat(lines.length - 1), member: fc.nat(1_000), value: fc.nat(100) });
    let refused = 0;
    let read = 0;
    fc.assert(
      fc.property(some, ({ line, member, value }) => {
        const parsed = parseLine(changedMember(lines[line] ?? "", member, value % 27));
        if (parsed.kind === "bad") refused += 1;
        else read += 1;
      }),
      cases("lines"),
    );
    expect(Math.min(refused, read)).toBeGreaterThan(1_000);
  },
  patience,
);

test(
  "a line that was tampered with is read straight from its bytes as it is read whole, if at all; nearly all others are",
  () => {
    const scanner = new LineScanner();
    const scan = (line: string) => {
      const bytes = Buffer.from(`${line}\n`);
      return scanner.scan(bytes, 0, bytes.length - 1);
    };
    const whole = (line: string) => {
      const parsed = parseLine(line);
      return parsed.kind === "record" ? made(parsed.record) : null;
    };
    const frequent = lines.filter((line) => /^\{"type":"(row|scope|scopeEnd|test)"/.test(line));
    const straight = frequent.filter((line) => scan(line) !== null);
    expect(straight.length / frequent.length).toBeGreaterThan(0.9);
    for (const line of straight) expect(made(scan(line))).toEqual(whole(line));
    const some = fc.record({ line: fc.nat(frequent.length - 1), member: fc.nat(1_000), value: fc.nat(26) });
    fc.assert(
      fc.property(some, ({ line, member, value }) => {
        const changed = changedMember(frequent[line] ?? "", member, value);
        const record = scan(changed);
        if (record !== null) expect(made(record)).toEqual(whole(changed));
      }),
      cases("lines", 4),
    );
  },
  patience,
);

/** A record with what was only checked made, and without what is not there. */
function made(record: object | null): unknown {
  return JSON.parse(
    JSON.stringify(record, (_, value: unknown) =>
      value instanceof JsonText ? (JSON.parse(value.text) as unknown) : (value ?? undefined),
    ),
  );
}

test(
  "a manifest that is not what it was is read or refused",
  () => {
    const run = slices[0]?.run ?? "";
    const tests = { collected: 63, run: 63, recorded: 63 };
    const manifest = { format: 1, id: run, command: ["pytest"], runner: "pytest", root: "/project", tests };
    const whole = JSON.stringify({ ...manifest, state: "complete", startedAt: 1, finishedAt: 2, pid: 3 });
    expect(parseManifest(whole, run).kind).toBe("manifest");
    const some = fc.record({ member: fc.nat(1_000), value: fc.nat(26), cut: fc.option(fc.nat(whole.length)) });
    fc.assert(
      fc.property(some, ({ member, value, cut }) => {
        const text = changedMember(whole, member, value).slice(0, cut ?? undefined);
        const parsed = parseManifest(text, run);
        if (parsed.kind === "bad") expect(parsed.message).toMatch(/manifest|run/);
        else expect(parsed.manifest).toMatchObject({ id: run });
      }),
      cases("manifests"),
    );
  },
  patience,
);

test(
  "of a segment with faults all is there that can be read, as it was written, and nothing else",
  () => {
    const batch = fc.array(mutantsOf(slices, 3), { minLength: together, maxLength: together });
    let demanded = 0;
    let tried = 0;
    fc.assert(
      fc.property(batch, (mutants) => {
        const runs = new MemoryRuns();
        const named = mutants.map((mutant, at) => renamed(mutant, `202601010000${String(at).padStart(2, "0")}`));
        for (const { run, mutant } of named) runs.write(run, "main", mutant.bytes).describe(run, { state: "complete" });
        const { reader } = openMemoryTrace(runs, { keepSuperseded: together });
        for (const { run, mutant } of named) demanded += checkIngested(reader, run, mutant);
        tried += mutants.length;
      }),
      cases("segments", together),
    );
    // Most of most segments stays readable: else the test would ask for little.
    expect(demanded / tried).toBeGreaterThan(3);
  },
  patience,
);

/** The segment as one of a run of its own. */
function renamed({ slice, lines: own, torn }: Mutant, day: string): { readonly run: string; readonly mutant: Mutant } {
  const run = `${day.slice(0, 8)}T${day.slice(8)}Z-1-aaaa`;
  const texts = own.map(({ text, kept }) => ({ text: text.replace(slice.run, run), kept }));
  return { run, mutant: new Mutant(slice, texts, torn) };
}
