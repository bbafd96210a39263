import { describe, expect, it } from "vitest";
import { alternativesFor } from "../fixes/fixFor.ts";
import { type LoadSpec, type QuerySpec, Recording, shopModels } from "../fixes/testing.ts";
import type { Finding, Remedy } from "./finding.ts";

const code = `for order in Order.objects.paid():
    order.customer.address
`;
const file = "shop/views.py";

async function recorded(load: Partial<LoadSpec>, query: Partial<QuerySpec> = {}, models = shopModels) {
  const recording = new Recording({ [file]: code }, models);
  const scope = recording.request("/orders/");
  const on = scope.query({ model: "shop.Order", built: [file, "Order.objects.paid()"], rows: 100, ...query });
  const customers = scope.load({
    on,
    kind: "foreign_key",
    attribute: "shop.Order.customer",
    target: "shop.Customer",
    at: [file, "order.customer"],
    count: 100,
    ...load,
  });
  return { recording, scope, customers };
}

/** Beside the method behind the expression. */
function otherWays({ alternatives }: Finding): readonly Remedy[] {
  return alternatives.filter(({ kind }) => kind !== "method-eager-load");
}

describe("few parents that many rows share", () => {
  it("are prefetched rather than joined, with the reason; the join is the other choice", async () => {
    const open = await (await recorded({ parameters: 3 })).recording.open();
    const finding = open.finding();
    expect(finding.message).toBe(
      'Each of 100 orders loads its customer: 100 extra queries in GET /orders/. 100 orders share 3 customers, which a join would send with each of them: prefetch_related("customer") in shop/views.py:1 loads each once.',
    );
    expect(open.fixed(file)).toBe(code.replace("paid()", 'paid().prefetch_related("customer")'));
    expect(alternativesFor(finding, open).map(({ title, safety }) => [title, safety])).toEqual([
      [`Add select_related("customer") in ${file}`, "safe"],
    ]);
  });

  it("are prefetched with what hangs on them", async () => {
    const { recording, scope, customers } = await recorded({ parameters: 3 });
    scope.load({
      on: customers,
      kind: "foreign_key",
      attribute: "shop.Customer.address",
      target: "shop.Address",
      at: [file, "order.customer.address"],
      count: 100,
    });
    expect((await recording.open()).fixed(file)).toBe(
      code.replace("paid()", 'paid().prefetch_related("customer__address")'),
    );
  });

  it.each<[string, Partial<LoadSpec>, Partial<QuerySpec>]>([
    ["each row has its own", {}, {}],
    ["each is shared by fewer than ten rows", { parameters: 11 }, {}],
    ["a test has few rows, which tell nothing", { count: 49, parameters: 1 }, { rows: 49 }],
    ["an iterator() may have no chunk_size", { parameters: 3 }, { api: "iterator" }],
  ])("are joined where %s", async (_why, load, query) => {
    const open = await (await recorded(load, query)).recording.open();
    const finding = open.finding();
    expect(finding.remedy).toMatchObject({ lookups: [{ how: "select_related", path: "customer" }] });
    expect(finding.message).not.toContain("share");
    expect(otherWays(finding)).toEqual([]);
  });

  it("have no join as the other choice where that would bring rows that a lazy load does not", async () => {
    const models = shopModels.map((each) =>
      each.label === "shop.Customer" ? { ...each, baseManagerFilters: true } : each,
    );
    const finding = (await (await recorded({ parameters: 3 }, {}, models)).recording.open()).finding();
    expect(finding.message).toContain('Load them with the list: prefetch_related("customer")');
    expect(otherWays(finding)).toEqual([]);
  });
});
