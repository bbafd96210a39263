import { describe, expect, test } from "vitest";
import { runnerOf, selectTests } from "./selectTests.ts";

const one = ["shop/tests/test_orders.py::OrderTests::test_list"];
const folders = new Set(["tests", "shop", "shop/tests"]);
const select = (command: string, tests: readonly string[] = one) =>
  selectTests(command.split(" "), tests, (word) => folders.has(word))?.join(" ") ?? null;

describe("pytest", () => {
  test.each([
    ["pytest", "pytest shop/tests/test_orders.py::OrderTests::test_list"],
    [
      "/srv/.venv/bin/python -m pytest -q",
      "/srv/.venv/bin/python -m pytest shop/tests/test_orders.py::OrderTests::test_list -q",
    ],
    ["uv run pytest -n auto", "uv run pytest shop/tests/test_orders.py::OrderTests::test_list -n auto"],
    [
      "coverage run -m pytest -p no:cacheprovider",
      "coverage run -m pytest shop/tests/test_orders.py::OrderTests::test_list -p no:cacheprovider",
    ],
  ])("%s is given the node ids", (command, selected) => {
    expect(select(command)).toBe(selected);
  });

  test.each([
    ["pytest -q shop/tests", "-q"],
    ["pytest shop/tests/test_api.py::test_a -x", "-x"],
    ["pytest -k orders -m slow --lf -q", "-q"],
    ["pytest --ds config.settings tests", "--ds config.settings"],
    ["pytest -k=orders --create-db tests", "--create-db"],
    ["pytest --cov shop --cov-report term", "--cov --cov-report term"],
    ["pytest --nodb-flag value", "--nodb-flag value"],
    ["pytest -n 4 --maxfail=1", "-n 4 --maxfail=1"],
  ])("%s loses what narrowed it down, and keeps its options", (command, kept) => {
    expect(select(command)).toBe(`pytest ${one[0]} ${kept}`);
  });

  test("parameters are left out, and a function is named once", () => {
    const tests = ["a.py::test_a[1-x y]", "a.py::test_a[a::b]", "a.py::T::test_b[é]"];
    expect(select("pytest", tests)).toBe("pytest a.py::test_a a.py::T::test_b");
  });

  test("too many names become classes, then files, then everything", () => {
    const many = (count: number, name: (index: number) => string) => Array.from({ length: count }, (_, i) => name(i));
    expect(
      select(
        "pytest -q",
        many(2_000, (i) => `a.py::T::test_${i}`),
      ),
    ).toBe("pytest a.py::T -q");
    expect(
      select(
        "pytest -q",
        many(2_000, (i) => `a.py::test_number_${i}`),
      ),
    ).toBe("pytest a.py -q");
    expect(
      select(
        "pytest -q",
        many(2_000, (i) => `a.py::Tests${i}::test_a`),
      ),
    ).toBe("pytest a.py -q");
    expect(
      select(
        "pytest -q",
        many(2_000, (i) => `app_number_${i}/a.py::test_a`),
      ),
    ).toBe("pytest -q");
  });
});

describe("manage.py test", () => {
  test.each([
    ["python manage.py test", one, "python manage.py test shop.tests.test_orders.OrderTests.test_list"],
    [
      "./manage.py test shop -v 2 --parallel 4",
      one,
      "./manage.py test shop.tests.test_orders.OrderTests.test_list -v 2 --parallel 4",
    ],
    [
      "python manage.py test --tag slow -k x --keepdb",
      one,
      "python manage.py test shop.tests.test_orders.OrderTests.test_list --keepdb",
    ],
    ["python src/manage.py test", ["src/shop/tests.py::T::test_a"], "python src/manage.py test shop.tests.T.test_a"],
    ["/app/manage.py test", ["shop/tests/__init__.py::T::test_a"], "/app/manage.py test shop.tests.T.test_a"],
    [
      "django-admin test --settings s",
      ["library.tests::T::Inner::test_a"],
      "django-admin test library.tests.T.Inner.test_a --settings s",
    ],
  ])("%s is given dotted names", (command, tests, selected) => {
    expect(select(command, tests)).toBe(selected);
  });

  test("what lies beside the folder of manage.py cannot be named", () => {
    expect(select("python src/manage.py test", ["other/tests.py::T::test_a"])).toBeNull();
  });
});

test.each(["make test", "tox -e py", "npm test", "python manage.py migrate", ""])(
  "%j takes no names of tests",
  (command) => {
    expect(runnerOf(command.split(" "))).toBeNull();
    expect(select(command)).toBeNull();
  },
);

test("a test that stands in no file has no node id", () => {
  expect(select("pytest", ["library.tests::T::test_a"])).toBeNull();
});
