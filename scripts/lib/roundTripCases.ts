/** One fault of the demo whose fix the round trip applies, with what the fix must save. A row for every rule that has an edit. */
export interface RoundTripCase {
  readonly rule: string;
  /** Where the queries are counted: `GET /orders/` in whichever test, or what a test itself executes, by its id. */
  readonly where: string;
  /** A file that the fix changes. */
  readonly file: string;
  /** `fix --all` applies safe ones; those that change behaviour are applied by their ids. */
  readonly by: "all" | "id";
  /** Queries there in the first recording, and once all fixes are applied. */
  readonly before: number;
  readonly after: number;
}

export const roundTripCases: readonly RoundTripCase[] = [
  { rule: "n-plus-one", where: "GET /orders/", file: "shop/views.py", by: "all", before: 101, after: 1 },
  { rule: "n-plus-one", where: "GET /orders/packing/", file: "shop/views.py", by: "all", before: 13, after: 2 },
  { rule: "n-plus-one", where: "GET /orders/dispatched/", file: "shop/views.py", by: "all", before: 8, after: 1 },
  { rule: "n-plus-one", where: "GET /orders/shipments/", file: "shop/views.py", by: "all", before: 8, after: 1 },
  { rule: "n-plus-one", where: "GET /admin/shop/order/", file: "shop/admin.py", by: "all", before: 20, after: 5 },
  { rule: "n-plus-one", where: "GET /orders/labels.csv", file: "shop/views.py", by: "all", before: 41, after: 1 },
  {
    rule: "n-plus-one",
    where: "GET /customers/<int:pk>/statement/",
    file: "customers/views.py",
    by: "all",
    before: 7,
    after: 3,
  },
  { rule: "n-plus-one", where: "GET /products/new/", file: "catalogue/views.py", by: "all", before: 16, after: 2 },
  { rule: "n-plus-one", where: "GET /api/orders/", file: "shop/api/views.py", by: "all", before: 51, after: 3 },
  { rule: "n-plus-one", where: "GET /blog/", file: "blog/views.py", by: "all", before: 32, after: 4 },
  {
    rule: "n-plus-one",
    where: "shop/tests/test_services.py::PaymentReminderTests::test_everyone_who_is_late_gets_a_mail",
    file: "shop/selectors.py",
    by: "all",
    before: 9,
    after: 1,
  },
  {
    rule: "n-plus-one",
    where: "shop/tests/test_services.py::PickingTests::test_adds_up_over_all_paid_orders",
    file: "shop/services.py",
    by: "all",
    before: 14,
    after: 9,
  },
  {
    rule: "n-plus-one",
    where: "customers/tests/test_services.py::NewsletterTests::test_cities_are_named_once_and_sorted",
    file: "customers/services.py",
    by: "all",
    before: 11,
    after: 1,
  },
  { rule: "generic-foreign-key", where: "GET /audit/", file: "audit/views.py", by: "all", before: 9, after: 5 },
  { rule: "deferred-field", where: "GET /blog/feed.xml", file: "blog/views.py", by: "all", before: 6, after: 1 },
  {
    rule: "get-in-loop",
    where: "POST /products/basket/quote/",
    file: "catalogue/services.py",
    by: "id",
    before: 4,
    after: 1,
  },
  { rule: "aggregate-per-row", where: "GET /blog/archive/", file: "blog/views.py", by: "id", before: 9, after: 1 },
  {
    rule: "filtered-prefetch",
    where: "blog/tests/test_services.py::WeeklyDigestTests::test_quotes_the_last_two_approved_comments",
    file: "blog/services.py",
    by: "id",
    before: 6,
    after: 2,
  },
  {
    rule: "filtered-prefetch",
    where: "catalogue/tests/test_services.py::test_label_lines_sort_tags",
    file: "catalogue/services.py",
    by: "id",
    before: 13,
    after: 10,
  },
  {
    rule: "aggregate-per-row",
    where: "GET /products/categories/",
    file: "catalogue/views.py",
    by: "id",
    before: 8,
    after: 1,
  },
  {
    rule: "aggregate-per-row",
    where: "GET /products/tags/",
    file: "catalogue/views.py",
    by: "id",
    before: 11,
    after: 1,
  },
  {
    rule: "aggregate-per-row",
    where: "customers/tests/test_services.py::NeverOrderedTests::test_names_those_without_orders",
    file: "customers/services.py",
    by: "id",
    before: 18,
    after: 13,
  },
  {
    rule: "aggregate-per-row",
    where: "catalogue/tests/test_services.py::test_units_sold",
    file: "catalogue/services.py",
    by: "id",
    before: 16,
    after: 13,
  },
  {
    rule: "n-plus-one",
    where: "shop/tests/test_services.py::DeliveryNoteTests::test_names_whoever_ordered",
    file: "shop/services.py",
    by: "all",
    before: 127,
    after: 68,
  },
  {
    rule: "unused-eager-loading",
    where: "catalogue/tests/test_services.py::test_price_list",
    file: "catalogue/services.py",
    by: "id",
    before: 7,
    after: 6,
  },
  {
    rule: "unused-eager-loading",
    where: "GET /products/categories/<slug:slug>/",
    file: "catalogue/views.py",
    by: "id",
    before: 2,
    after: 2,
  },
];
