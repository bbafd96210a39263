import { join } from "node:path";
import { cache, demo, recorder, repository } from "./paths.ts";
import { type Environment, ensureEnvironment } from "./python.ts";

/** Where the demo's own environment lies: beside the project, as a Django developer has it. */
export function demoPython(): Promise<string> {
  return ensureEnvironment({ folder: join(demo, ".venv"), requirements: [join(demo, "requirements.txt")] });
}

/** The Django versions that the recorder is tested on, newest last. */
export const djangoVersions = ["4.2.30", "5.2.19", "6.1.3"] as const;
export type DjangoVersion = (typeof djangoVersions)[number];

/** Django 6.1 needs Python 3.12 (https://docs.djangoproject.com/en/6.1/releases/6.1/#python-compatibility), and is tested on 3.13 where that is found. */
const pythons: Partial<Record<DjangoVersion, readonly string[]>> = { "6.1.3": ["3.13", "3.12"] };

/** mysqlclient must be built, which takes MariaDB's headers: it is asked for where a missing database is a failure. */
const drivers = process.env["QUERYSIGHT_REQUIRE_DATABASES"] === "1" ? ["mysqlclient==2.3.1"] : [];

export function recorderEnvironment(django: DjangoVersion): Environment {
  return {
    folder: join(cache, "venvs", `django-${django}`),
    requirements: [join(recorder, "requirements-test.txt")],
    packages: [`Django==${django}`, ...drivers],
    pythons: pythons[django],
  };
}

export function recorderPython(django: DjangoVersion): Promise<string> {
  return ensureEnvironment(recorderEnvironment(django));
}

export function lintPython(): Promise<string> {
  return ensureEnvironment({
    folder: join(cache, "venvs", "lint"),
    requirements: [join(recorder, "requirements-lint.txt")],
  });
}

/** The tools that the recorder is measured beside. */
export function benchPython(): Promise<string> {
  return ensureEnvironment({
    folder: join(cache, "venvs", "bench"),
    requirements: [join(repository, "bench", "recorder", "requirements.txt")],
  });
}
