import { join } from "node:path";
import { cache, demo, recorder } from "./paths.ts";
import { type Environment, ensureEnvironment } from "./python.ts";

/** Where the demo's own environment lies: beside the project, as a Django developer has it. */
export function demoPython(): Promise<string> {
  return ensureEnvironment({ folder: join(demo, ".venv"), requirements: [join(demo, "requirements.txt")] });
}

/** The Django versions that the recorder is tested on, newest last. */
export const djangoVersions = ["4.2.30", "5.2.19"] as const;
export type DjangoVersion = (typeof djangoVersions)[number];

export function recorderEnvironment(django: DjangoVersion): Environment {
  return {
    folder: join(cache, "venvs", `django-${django}`),
    requirements: [join(recorder, "requirements-test.txt")],
    packages: [`Django==${django}`],
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
