/** The journeys of `npm test`, one after the other: each has a workbench, a project copy and a recording of its own. */
import { dirname, join } from "node:path";
import { WorkbenchError } from "./errors.ts";
import { firstLight } from "./firstLight.ts";
import { ensureWorkbench } from "./install.ts";
import type { Journey, Outcome } from "./journey.ts";
import { verifiedFix } from "./verifiedFix.ts";

const repository = join(import.meta.dirname, "..", "..");

const journeys: readonly Journey[] = [
  verifiedFix({
    name: "verify",
    project: join(repository, "demo"),
    template: "templates/orders/_rows.html",
    loopLine: 1,
    loadLine: 5,
    loadText: "order.customer",
    fixTitle: /select_related\("customer"\).*, and verify$/,
    counts: "101 -> 1 query",
    tests: 4,
    endpoint: "GET /orders/",
    view: "shop/views.py",
    viewLine: 17,
    line: "return Order.objects.paid()",
    curedLine: 'return Order.objects.paid().select_related("customer")',
  }),
  firstLight({
    name: "demo",
    project: join(repository, "demo"),
    template: "templates/orders/_rows.html",
    loopLine: 1,
    queries: 101,
    loadLine: 5,
    loadText: "order.customer",
    table: "customers_customer",
    endpoint: "GET /orders/",
    view: "shop/views.py",
    viewLine: 17,
    fixTitle: /select_related\("customer"\)/,
    curedLine: 'return Order.objects.paid().select_related("customer")',
  }),
  firstLight({
    name: "clinic",
    project: join(repository, "test", "projects", "clinic"),
    template: "visits/templates/visits/_table.html",
    loopLine: 2,
    queries: 41,
    loadLine: 5,
    loadText: "visit.doctor",
    table: "doctor",
    endpoint: "GET /visits/",
    view: "visits/views.py",
    viewLine: 7,
    fixTitle: /select_related\("doctor"\)/,
    curedLine: 'visits = Visit.objects.confirmed().in_time_order().select_related("doctor")',
  }),
];

/** `python` has the packages of the demo, which the second project shares. */
export async function runJourneys(python: string, only?: string): Promise<Outcome> {
  try {
    await ensureWorkbench();
    // What drives the page stands on packages that are only there now.
    const { ensureChromium } = await import("./chromium.ts");
    await ensureChromium();
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    console.error(`querysight: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const { walk } = await import("./journey.ts");
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const journey of journeys.filter(({ name }) => only === undefined || name === only)) {
    console.log(`\n-- ${journey.name}`);
    const { passed, failed } = await walk(journey, repository, dirname(dirname(python)));
    total.passed += passed;
    total.failed += failed;
  }
  return total;
}
