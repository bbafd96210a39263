/** Test ids, `path/of/test_file.py::Class::function[params]`, as docs/segment-format.md has them. Parameters may hold `::` themselves. */

/** `a.py::C::f` of `a.py::C::f[1]`. */
export function withoutParameters(test: string): string {
  const bracket = test.indexOf("[");
  return bracket === -1 ? test : test.slice(0, bracket);
}

/** `a.py`; of a library's test its module's dotted name. */
export function fileOf(test: string): string {
  return test.split("::", 1)[0] ?? test;
}

/** `a.py::C::f` with `a.py::C` and `a.py`, whose set-up any of their tests needs. */
export function withContainers(test: string): readonly string[] {
  const parts = withoutParameters(test).split("::");
  return [test, ...parts.slice(0, -1).map((_, index) => parts.slice(0, index + 1).join("::"))];
}
