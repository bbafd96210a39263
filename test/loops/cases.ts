/** One way of writing a loop, and what must be told of it, by a real recording of four orders of three items each. */
export interface LoopCase {
  readonly name: string;
  /** The body of `loops/<name>.py`, which must define `run()`. */
  readonly code: string;
  /** `line: title` of each lens, lines from 1 of `code`, titles without times. */
  readonly lenses: readonly string[];
}

export const imports = `from itertools import chain

from django.core.paginator import Paginator

from customers.models import Customer
from loops.helpers import name_of
from shop.models import Order

`;

const load = "4x order.customer (N+1)";
const five = `executes 5 queries · ${load}`;

/** A loop in one expression. */
function expression(name: string, code: string): LoopCase {
  return { name, code: `def run():\n    return ${code}\n`, lenses: [`2: ${five}`] };
}

/** A `for` loop over an expression, of which a variable is an order. */
function over(name: string, header: string, lens = five): LoopCase {
  return { name, code: `def run():\n    ${header}\n        print(order.customer.name)\n`, lenses: [`2: ${lens}`] };
}

export const cases: readonly LoopCase[] = [
  expression("list_comprehension", "[order.customer.name for order in Order.objects.all()]"),
  expression("set_comprehension", "{order.customer.name for order in Order.objects.all()}"),
  expression("dict_comprehension", "{order.pk: order.customer.name for order in Order.objects.all()}"),
  expression("generator_expression", "list(order.customer.name for order in Order.objects.all())"),
  expression("condition_of_comprehension", "[order.pk for order in Order.objects.all() if order.customer.name]"),
  over("for_loop", "for order in Order.objects.all():"),
  over("enumerated", "for number, order in enumerate(Order.objects.all()):"),
  over("zipped", "for order, number in zip(Order.objects.all(), range(99)):"),
  over("items_of_dictionary", "for pk, order in Order.objects.in_bulk().items():"),
  over("values_of_dictionary", "for order in {order.pk: order for order in Order.objects.all()}.values():"),
  over("sorted_rows", "for order in sorted(Order.objects.all(), key=lambda order: order.pk):"),
  over("reversed_rows", "for order in reversed(Order.objects.all()):"),
  over(
    "chained",
    "for order in chain(Order.objects.filter(pk__lt=2), Order.objects.filter(pk__gt=1)):",
    `executes 6 queries · ${load}`,
  ),
  over("iterated", "for order in Order.objects.iterator():"),
  {
    name: "generator_handed_on",
    code: `def run():
    names = (order.customer.name for order in Order.objects.all())
    return consumed(names)


def consumed(names):
    for name in names:
        print(name)
`,
    lenses: ["2: executes 5 queries · 4x order.customer (N+1)", "7: executes 4 queries · 4x order.customer (N+1)"],
  },
  {
    name: "generator_function",
    code: `def run():
    for order in rows():
        print(order.customer.name)


def rows():
    for order in Order.objects.all():
        yield order
`,
    lenses: ["2: executes 5 queries · 4x order.customer (N+1)", "7: executes 1 query"],
  },
  {
    name: "while_loop",
    code: `def run():
    while Order.objects.exclude(reference="done").exists():
        order = Order.objects.exclude(reference="done").first()
        order.reference = "done"
        order.save()
`,
    lenses: ["2: executes 13 queries · 5x Order.exists()", "3: 4 queries · 4 rows", "5: 4 queries"],
  },
  {
    name: "while_with_walrus",
    code: `def run():
    last = 0
    while rows := list(Order.objects.filter(pk__gt=last).order_by("pk")[:2]):
        last = rows[-1].pk
`,
    lenses: ["3: executes 3 queries · 3x Order"],
  },
  {
    name: "nested",
    code: `def run():
    for order in Order.objects.all():
        for item in order.items.all():
            print(item.product.name)
`,
    lenses: [
      "2: executes 17 queries · 12x order_item.product (N+1)",
      "3: executes 16 queries · 4 per run, 4 runs · 12x order_item.product (N+1)",
    ],
  },
  {
    name: "nested_comprehension",
    code: `def run():
    return [item.product.name for order in Order.objects.all() for item in order.items.all()]
`,
    lenses: ["2: executes 17 queries · 12x order_item.product (N+1)"],
  },
  {
    name: "run_for_each_customer",
    code: `def run():
    for customer in Customer.objects.order_by("pk")[:2]:
        report(customer)


def report(customer):
    for order in customer.orders.all():
        print(order.items.count() + order.items.count())
`,
    lenses: [
      "2: executes 7 queries · 4x order.items.count() (N+1)",
      "7: executes 6 queries · 3 per run, 2 runs · 4x order.items.count() (N+1)",
      "8: 4 queries",
    ],
  },
  {
    name: "through_other_files",
    code: `def run():
    for order in Order.objects.all():
        print(name_of(order))
`,
    lenses: ["2: executes 5 queries · 4x order.customer (N+1)"],
  },
  {
    name: "kept_rows",
    code: `def run():
    orders = list(Order.objects.all())
    for order in orders:
        print(order.customer.name)
    for order in orders:
        print(order.reference)
`,
    lenses: [
      "2: 1 query · 4 rows · its rows load 4 more, one by one (N+1)",
      "3: executes 4 queries · 4x order.customer (N+1)",
    ],
  },
  {
    name: "paginator",
    code: `def run():
    for page in Paginator(Order.objects.order_by("pk"), 2):
        for order in page:
            print(order.customer.name)
`,
    lenses: [
      "2: executes 7 queries · 4x order.customer (N+1)",
      "3: executes 6 queries · 3 per run, 2 runs · 4x order.customer (N+1)",
    ],
  },
  {
    name: "page",
    code: `def run():
    page = Paginator(Order.objects.order_by("pk"), 3).get_page(1)
    for order in page.object_list:
        print(order.customer.name)
`,
    lenses: [
      "2: 2 queries · 3 rows · its rows load 3 more, one by one (N+1)",
      "3: executes 4 queries · 3x order.customer (N+1)",
    ],
  },
  {
    name: "async_for",
    code: `async def run():
    async for order in Order.objects.all():
        await Customer.objects.aget(pk=order.customer_id)
`,
    lenses: ["2: executes 5 queries · 4x Customer.get() (N+1)", "3: 4 queries · 4 rows"],
  },
  {
    name: "async_comprehension",
    code: `async def run():
    return [await Customer.objects.aget(pk=order.customer_id) async for order in Order.objects.all()]
`,
    lenses: ["2: executes 5 queries · 4x Customer.get() (N+1)"],
  },
  {
    name: "left_early",
    code: `def run():
    for order in Order.objects.order_by("pk"):
        if order.customer.name and order.pk == 2:
            break
    else:
        raise LookupError
`,
    lenses: ["2: executes 3 queries · 2x order.customer (N+1)"],
  },
  {
    name: "writes",
    code: `def run():
    for order in Order.objects.all():
        order.reference += "!"
        order.save()
`,
    lenses: ["2: executes 5 queries · 4x save of Order", "4: 4 queries"],
  },
];
