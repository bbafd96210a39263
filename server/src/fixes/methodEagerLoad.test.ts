import { describe, expect, it } from "vitest";
import { applyEdits } from "../text/edits.ts";
import { alternativesFor } from "./fixFor.ts";
import { type Code, type OpenRecording, Recording } from "./testing.ts";

const models = `class OrderQuerySet(QuerySet):
    def paid(self):
        return self.filter(status="paid")


class Order(Model):
    objects = OrderQuerySet.as_manager()
`;
const views = `def orders(request):
    return show(Order.objects.paid())


def report(request):
    return show(Order.objects.paid().order_by("pk"))
`;

async function opened(files: Readonly<Record<string, string>>, made = "Order.objects.paid()"): Promise<OpenRecording> {
  const recording = new Recording({ "shop/views.py": views, "shop/rows.html": "{{ row.it }}", ...files });
  const scope = recording.request("/orders/");
  const at: Code = ["shop/rows.html", "{{ row.it }}"];
  const on = scope.query({ model: "shop.Order", built: ["shop/views.py", made], stack: [at], rows: 5 });
  scope.load({ on, kind: "foreign_key", attribute: "shop.Order.customer", target: "shop.Customer", at, count: 5 });
  const other = recording.request("/report/");
  const second = other.query({ model: "shop.Order", built: ["shop/views.py", made, 2], stack: [at], rows: 5 });
  other.load({
    on: second,
    kind: "foreign_key",
    attribute: "shop.Order.customer",
    target: "shop.Customer",
    at,
    count: 5,
  });
  return recording.open();
}

function alternatives(open: OpenRecording) {
  const [finding] = open.findings();
  return finding === undefined ? [] : alternativesFor(finding, open);
}

describe("the method behind an expression", () => {
  it("is a second choice that names its callers, and leaves them alone", async () => {
    const open = await opened({ "shop/models.py": models });
    expect(open.findings().map(({ queryset }) => queryset?.path)).toEqual(["shop/views.py", "shop/views.py"]);
    const [fix, ...others] = alternatives(open);
    expect(others).toEqual([]);
    expect(fix?.title).toBe(
      'Add select_related("customer") in OrderQuerySet.paid() for all that call it: shop/views.py:2, shop/views.py:6',
    );
    expect(fix?.edits.map(({ file }) => file)).toEqual(["shop/models.py"]);
    expect(applyEdits(models, fix?.edits ?? [])).toBe(
      models.replace('filter(status="paid")', 'filter(status="paid").select_related("customer")'),
    );
  });

  it("names the application's callers before its tests", async () => {
    const recording = new Recording({
      "shop/models.py": models,
      "shop/views.py": views,
      "shop/rows.html": "{{ row.it }}",
      "api/tests/test_orders.py": "def test_it():\n    list(Order.objects.paid())\n",
    });
    const at: Code = ["shop/rows.html", "{{ row.it }}"];
    const asked = (path: string, title: string): void => {
      const scope = recording.request(title);
      const built: Code = [path, "Order.objects.paid()"];
      const on = scope.query({ model: "shop.Order", built, stack: [at], rows: 5 });
      scope.load({ on, kind: "foreign_key", attribute: "shop.Order.customer", target: "shop.Customer", at, count: 5 });
    };
    asked("api/tests/test_orders.py", "/check/");
    asked("shop/views.py", "/orders/");
    const titles = alternatives(await recording.open()).map(({ title }) => title);
    expect(titles).toEqual([expect.stringMatching(/: shop\/views\.py:2, api\/tests\/test_orders\.py:2$/)]);
  });

  it("is found in a module beside the model's", async () => {
    const manager =
      'class Orders(Manager):\n    def paid(self):\n        return super().get_queryset().filter(status="paid")\n';
    const [fix] = alternatives(await opened({ "shop/models.py": "", "shop/managers.py": manager }));
    expect(applyEdits(manager, fix?.edits ?? [])).toBe(
      manager.replace('filter(status="paid")', 'filter(status="paid").select_related("customer")'),
    );
  });

  it.each([
    ["written nowhere near the model", ""],
    [
      "one of two of that name",
      `${models}\n\nclass Other(QuerySet):\n    def paid(self):\n        return self.none()\n`,
    ],
    [
      "one that returns either of two",
      models.replace("return self", "if x:\n            return self.all()\n        return self"),
    ],
    ["one that returns rows of something else", models.replace("self.filter", "Other.objects.filter")],
    ["one that evaluates the queryset", models.replace('filter(status="paid")', 'filter(status="paid").first()')],
    ["one that gives no instances", models.replace('filter(status="paid")', 'filter(status="paid").values("pk")')],
    ["one that names the relation already", models.replace("filter", 'select_related("customer").filter')],
    ["a function, no method", "def paid(self):\n    return self.filter()\n"],
  ])("is none where it is %s", async (_what, text) => {
    expect(alternatives(await opened({ "shop/models.py": text }))).toEqual([]);
  });

  it("is none of Django's own", async () => {
    const open = await opened(
      { "shop/views.py": views.replaceAll("paid", "all"), "shop/models.py": models },
      "Order.objects.all()",
    );
    expect(open.findings()[0]?.alternatives).toEqual([]);
  });
});
