/** What a project costs before any of its files is opened: a large one beside a small one, in turns. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { LspClient } from "../../test/lsp/lspClient.ts";
import { atMost, median, type Result, result } from "../results.ts";
import { memoryMb } from "./whileIngesting.ts";

const rounds = 5;
/** Ms in which a server that means to look around would. */
const idleMs = 1_500;

interface Opened {
  readonly ms: number;
  readonly cpuMs: number;
  readonly memoryMb: number;
}

export async function opening(small: string, large: string): Promise<readonly Result[]> {
  const of = { small: [] as Opened[], large: [] as Opened[] };
  for (let round = 0; round < rounds; round += 1) {
    of.small.push(await open(small));
    of.large.push(await open(large));
  }
  const figure = (which: keyof typeof of, name: keyof Opened) => median(of[which].map((each) => each[name]));
  const what = `before a file is opened, ${pythonFiles(large)} Python files`;
  const cpu = figure("large", "cpuMs") / figure("small", "cpuMs");
  const memory = figure("large", "memoryMb") - figure("small", "memoryMb");
  return [
    result(`${what}: until the server answers`, figure("large", "ms"), "ms"),
    result("the same in a small project", figure("small", "ms"), "ms"),
    ...(Number.isNaN(cpu) ? [] : [atMost(1.2, `${what}: processor time / that of a small project`, cpu, "x")]),
    ...(Number.isNaN(memory) ? [] : [atMost(5, `${what}: memory over that of a small project`, memory, "MB")]),
  ];
}

async function open(root: string): Promise<Opened> {
  const start = performance.now();
  const client = await LspClient.start({ folders: [root] });
  const ms = performance.now() - start;
  await setTimeout(idleMs);
  const opened = { ms, cpuMs: processorMs(client), memoryMb: memoryMb(client, "VmRSS") ?? Number.NaN };
  await client.stop();
  return opened;
}

/** https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: fields 14 and 15, in hundredths of a second. */
export function processorMs(client: LspClient): number {
  const file = `/proc/${client.pid}/stat`;
  if (!existsSync(file)) return Number.NaN;
  const fields = readFileSync(file, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return 10 * (Number(fields[11]) + Number(fields[12]));
}

function pythonFiles(root: string): number {
  return readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".py")).length;
}
