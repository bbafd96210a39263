import type { Scope } from "../trace/model.ts";

const conventional = /(^|\/)(conftest|factory|factories|tests|test_[^/]*|[^/]*_tests?)\.py$|(^|\/)(tests?|testing)\//;

/** Whether a file holds tests, fixtures or factories by its name. */
export function isTestFile(path: string): boolean {
  return conventional.test(path);
}

/** Tells test code from the application's. */
export class TestFiles {
  readonly #paths: ReadonlySet<string>;

  constructor(scopes: Iterable<Scope>) {
    const paths = new Set<string>();
    for (const { test } of scopes) {
      if (test !== null) paths.add(test.split("::", 1)[0] ?? test);
    }
    this.#paths = paths;
  }

  /** Files that hold recorded tests, and those that by name hold tests, fixtures or factories. */
  has(path: string): boolean {
    return this.#paths.has(path) || isTestFile(path);
  }
}

/** Set-up and clean-up, shared or per test: their queries are nobody's finding. */
export function isSetup({ phase }: Scope): boolean {
  return phase === "class" || phase === "setup" || phase === "teardown";
}
