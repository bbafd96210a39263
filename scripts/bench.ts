/** `npm run bench:<name>`: runs bench/<name>.ts; with `-- --json` it prints one JSON object and nothing else. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./lib/paths.ts";
import { main, Refusal } from "./lib/process.ts";

await main(async () => {
  const [name = ""] = process.argv.slice(2);
  const file = join(repository, "bench", `${name}.ts`);
  if (!/^\w+$/.test(name) || !existsSync(file)) throw new Refusal(`no bench is called "${name}".`);
  await import(file);
  return 0;
});
