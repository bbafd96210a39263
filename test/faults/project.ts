import { chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { SegmentBuilder } from "../../server/src/trace/testing.ts";

/** A folder that its user owns, whoever runs the tests: root may read and write anywhere, and would meet no fault of permissions. */
export class UserFolder {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), "querysight-faults-")));

  constructor() {
    if (isRoot) chownSync(this.root, nobody, nobody);
  }

  /** Does something as the folder's user. Synchronous: the whole process is that user meanwhile. */
  as<T>(work: () => T): T {
    if (!isRoot) return work();
    process.seteuid?.(nobody);
    try {
      return work();
    } finally {
      process.seteuid?.(0);
    }
  }

  /** Writes a recording's segment; answers its path. */
  write(builder: SegmentBuilder): string {
    return this.writeText(`.querysight/runs/${builder.run}/${builder.process}.ndjson`, builder.toString());
  }

  writeText(path: string, text: string | Uint8Array): string {
    const file = join(this.root, path);
    this.as(() => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    });
    return file;
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }
}

const isRoot = process.geteuid?.() === 0;
/** https://www.debian.org/doc/debian-policy/ch-opersys.html#uid-and-gid-classes */
const nobody = 65_534;

export function runName(day: number): string {
  return `202601${String(day).padStart(2, "0")}T000000Z-1-aaaa`;
}

/** A segment in which one test after another ran one query so many times. */
export function segmentOf(run: string, tests: Readonly<Record<string, number>>, process = "main"): SegmentBuilder {
  const builder = new SegmentBuilder(run, process);
  for (const [test, count] of Object.entries(tests)) addTest(builder, test, count);
  return builder;
}

export function addTest(builder: SegmentBuilder, test: string, count: number): SegmentBuilder {
  const scope = builder.scope({ test });
  builder.row(scope, { cause: builder.cause("queryset"), statement: builder.statement(`SELECT ${count}`), count });
  return builder.endScope(scope).test(test);
}

export function manifestOf(run: string, members: Readonly<Record<string, unknown>> = {}): string {
  const tests = { collected: 0, run: 0, recorded: 0 };
  const manifest = { format: 1, id: run, command: ["pytest"], runner: "pytest", root: "/project", commit: null, tests };
  const times = { startedAt: 1_767_225_600_000, finishedAt: null, pid: 4711, exitCode: 0 };
  return JSON.stringify({
    ...manifest,
    state: "complete",
    ...times,
    processes: ["main"],
    recorder: "0.1.0",
    ...members,
  });
}
