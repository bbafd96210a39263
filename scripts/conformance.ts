/**
 * `npm run conformance`: all of Django's test modules that docs/conformance.md names, with and without the recorder, on every Django and database.
 * `npm run conformance -- --django 6.1.3 --database sqlite` is one of them; what else is said goes to recorder/conformance.
 */
import { parseArgs } from "node:util";
import { djangoVersions, recorderPython } from "./lib/environments.ts";
import { recorder } from "./lib/paths.ts";
import { main, Refusal, run } from "./lib/process.ts";

await main(async () => {
  const { values, positionals } = parseArgs({
    options: { django: { type: "string" }, database: { type: "string" } },
    allowPositionals: true,
  });
  const versions = djangoVersions.filter((version) => !values.django || version === values.django);
  if (!versions.length) throw new Refusal(`Django is one of ${djangoVersions.join(", ")}.`);
  let failed = 0;
  for (const version of versions) {
    const python = await recorderPython(version);
    const databases = values.database ? [values.database] : ["sqlite", "postgresql"];
    const words = ["-m", "conformance", "--whole", "--django", version, "--database", ...databases, ...positionals];
    const { status } = await run(python, words, { cwd: recorder });
    failed += Number(status !== 0);
  }
  return failed === 0 ? 0 : 1;
});
