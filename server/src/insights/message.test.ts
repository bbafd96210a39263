import { expect, test } from "vitest";
import { Recording } from "../fixes/testing.ts";

const path = "shop/views.py";
const code = "class Base:\n    def get_queryset(self):\n        return Order.objects.all()\n";

/** The message of one queryset that several requests load their rows with. */
async function message(...requests: readonly (readonly [string, number])[]): Promise<string | undefined> {
  const recording = new Recording({ [path]: code, "shop/rows.html": "{{ row.it }}" });
  for (const [url, rows] of requests) {
    const scope = recording.request(url);
    const at = ["shop/rows.html", "{{ row.it }}"] as const;
    const on = scope.query({ model: "shop.Order", built: [path, "Order.objects.all()"], stack: [at], rows });
    scope.load({ on, kind: "foreign_key", attribute: "shop.Order.customer", target: "shop.Customer", at, count: rows });
  }
  return (await recording.open()).findings()[0]?.message.split(". ")[0];
}

test("other requests that show the same are named, as all of them change with the queryset", async () => {
  expect(await message(["/a/", 5])).toBe("Each of 5 orders loads its customer: 5 extra queries in GET /a/");
  expect(await message(["/a/", 5], ["/b/", 7])).toMatch(/: 7 extra queries in GET \/b\/ \(also in GET \/a\/\)$/);
  expect(await message(["/a/", 5], ["/a/", 3])).toMatch(/: 5 extra queries in GET \/a\/$/);
  // One row shows no repetition.
  expect(await message(["/a/", 5], ["/b/", 1])).toMatch(/: 5 extra queries in GET \/a\/$/);
  expect(await message(["/a/", 5], ["/b/", 4], ["/c/", 3])).toMatch(/ \(also in GET \/b\/ and GET \/c\/\)$/);
  expect(await message(["/a/", 6], ["/b/", 5], ["/c/", 4], ["/d/", 3])).toMatch(
    / \(also in GET \/b\/, GET \/c\/ and 1 more\)$/,
  );
});
