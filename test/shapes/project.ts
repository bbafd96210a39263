import type { Shape } from "./shape.ts";
import { imports } from "./shapes.ts";

/** The module of a shape, without its marks. */
export function moduleOf({ code }: Shape): string {
  return imports + code.replace(/[«»]/g, "");
}

/** The marked pieces of a shape's module: their lines and columns, both from 0. */
export function marksOf({ code }: Shape) {
  const parts = (imports + code).split(/[«»]/);
  return parts.flatMap((text, index) => {
    if (index % 2 === 0) return [];
    const before = parts.slice(0, index).join("");
    return [{ start: positionBehind(before), end: positionBehind(before + text) }];
  });
}

function positionBehind(text: string) {
  const lines = text.split("\n");
  return { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
}

/** All files of the package `shapes` and of its templates, for a copy of the demo. */
export function projectFiles(shapes: readonly Shape[]): readonly (readonly [path: string, text: string])[] {
  const names = shapes.map(({ name }) => `    "${name}",\n`).join("");
  const tests = shapes.map(({ name, paths = [""] }) =>
    [`    def test_${name}(self):`, ...paths.map((path) => `        self.open("/shapes/${name}/${path}")`), ""].join(
      "\n",
    ),
  );
  return [
    ["shapes/__init__.py", ""],
    ["shapes/showing.py", showing],
    ["shapes/urls.py", urls.replace("NAMES", `[\n${names}]`)],
    ["shapes/test_shapes.py", `${testCase}\n${tests.join("\n")}`],
    ["templates/shapes/customers.html", "{% for order in object_list %}{{ order.customer.name }}{% endfor %}\n"],
    ["templates/shapes/items.html", "{% for item in order.items.all %}{{ item.product.name }}{% endfor %}\n"],
    ["templates/shapes/names.html", "{% for customer in object_list %}{{ customer.name }}{% endfor %}\n"],
    ["templates/shapes/references.html", "{% for order in object_list %}{{ order.reference }}{% endfor %}\n"],
    ...shapes.map((shape) => [`shapes/${shape.name}.py`, moduleOf(shape)] as const),
  ];
}

const showing = `from django.http import HttpResponse
from rest_framework import serializers

from shop.models import Order


def customers(orders):
    return HttpResponse([order.customer.name for order in orders])


def products(items):
    return HttpResponse([item.product.name for item in items])


class OrderSerializer(serializers.ModelSerializer):
    customer = serializers.CharField(source="customer.name")

    class Meta:
        model = Order
        fields = ["reference", "customer"]
`;

const urls = `from importlib import import_module

from django.urls import include, path


def route(name):
    view = import_module(f"shapes.{name}").view
    return path(f"{name}/", view if callable(view) or isinstance(view, tuple) else include(view))


urlpatterns = [route(name) for name in NAMES]
`;

const testCase = `from django.test import TestCase

from sampledata.factories import create_item, create_order, create_staff


class ShapeTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.staff = create_staff()
        for number in range(1, 5):
            order = create_order(pk=number, reference=f"R{number}")
            for _ in range(3):
                create_item(order)

    def open(self, path):
        if "/shop/" in path:
            self.client.force_login(self.staff)
        self.assertEqual(self.client.get(path).status_code, 200)
`;
