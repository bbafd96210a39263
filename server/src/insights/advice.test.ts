import { expect, it } from "vitest";
import { type Code, Recording } from "../fixes/testing.ts";

const models =
  "class Item:\n    def __str__(self):\n        return self.product.name\n\n    def text(self):\n        return self.product.name\n";

/** What is said of items that load their product one by one, whose queryset is written nowhere. */
async function said(view: string | null, qualname: string): Promise<string> {
  const recording = new Recording({ "shop/models.py": models });
  const scope = recording.request("/orders/", null, [], view);
  const on = scope.query({ model: "shop.OrderItem", rows: 4 });
  const at: Code = ["shop/models.py", "self.product", qualname === "Item.__str__" ? 1 : 2, { qualname }];
  scope.load({ on, kind: "foreign_key", attribute: "shop.OrderItem.product", target: "shop.Product", at, count: 4 });
  return (await recording.open()).finding().message;
}

it("names the view, where the queryset is written nowhere", async () => {
  expect(await said("shop.views.Items", "Item.text")).toContain("or get_queryset() to the view shop.views.Items");
  expect(await said(null, "Item.text")).toContain("or get_queryset() to the view (list_select_related");
});

it("knows of no view where there is no request", async () => {
  const recording = new Recording({ "shop/models.py": models });
  const scope = recording.command("export");
  const on = scope.query({ model: "shop.OrderItem", rows: 4 });
  const at: Code = ["shop/models.py", "self.product"];
  scope.load({ on, kind: "foreign_key", attribute: "shop.OrderItem.product", target: "shop.Product", at, count: 4 });
  expect((await recording.open()).finding().message).toBe(
    'Each of 4 order items loads its product: 4 extra queries in export. No queryset of the project\'s own gives these rows: where a library makes one, give it a queryset with select_related("product") in its place.',
  );
});

it("tells the choices of the admin's forms from its rows", async () => {
  const form = "shop.admin.OrderAdmin.change_view";
  expect(await said(form, "Item.__str__")).toContain("the choices of a form: name their field in autocomplete_fields");
  expect(await said(form, "Item.text")).not.toContain("choices");
  expect(await said("shop.admin.OrderAdmin.changelist_view", "Item.__str__")).not.toContain("choices");
});
