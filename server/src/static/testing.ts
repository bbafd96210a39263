import type { Schema } from "../insights/schema.ts";
import { createPythonParser } from "../python/parser.ts";
import { type MarkedText, markedText } from "../text/testing.ts";
import { type Reading, StaticAnalysis } from "./analysis.ts";
import { type ModuleFacts, moduleFacts } from "./moduleFacts.ts";
import type { ModuleSource } from "./modules.ts";
import type { StaticFinding } from "./staticFinding.ts";

export const parser = await createPythonParser();

/** Modules in memory. */
export function modulesOf(files: Readonly<Record<string, string>>): ModuleSource {
  const known = new Map<string, ModuleFacts | null>();
  return {
    facts(path) {
      let facts = known.get(path);
      if (facts === undefined) {
        const text = files[path];
        facts = text === undefined ? null : moduleFacts(parser.parse(text));
        known.set(path, facts);
      }
      return facts;
    },
  };
}

export const shopModels = `from django.conf import settings
from django.db import models


class OrderQuerySet(models.QuerySet):
    def paid(self):
        return self.filter(status="paid")

    def with_customer(self):
        return self.paid().select_related("customer")

    def in_parts(self, names):
        return self.select_related(*names)

    def newest(self):
        found = self.order_by("-placed_at")
        return found


class Customer(models.Model):
    name = models.CharField(max_length=80)
    address = models.OneToOneField("customers.Address", on_delete=models.PROTECT)


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    tags = models.ManyToManyField("Tag")
    status = models.CharField(max_length=10)

    objects = models.Manager.from_queryset(OrderQuerySet)()

    @property
    def total(self):
        return sum(item.product.price for item in self.items.all())


class Tag(models.Model):
    name = models.CharField(max_length=10)


class Item(models.Model):
    order = models.ForeignKey("Order", on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey("shop.Product", on_delete=models.PROTECT)


class Product(models.Model):
    maker = models.ForeignKey("self", null=True, on_delete=models.PROTECT)


class Shipment(models.Model):
    order = models.OneToOneField(Order, on_delete=models.CASCADE)


class JoinedManager(models.Manager):
    def get_queryset(self):
        return super().get_queryset().select_related("order")


class Note(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    author = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="%(class)ss")

    objects = JoinedManager()
`;

export const shop: Readonly<Record<string, string>> = {
  "shop/__init__.py": "",
  "shop/models.py": shopModels,
  "customers/__init__.py": "",
  "customers/models.py": `from django.db import models


class Address(models.Model):
    city = models.CharField(max_length=80)
    country = models.ForeignKey("Country", on_delete=models.PROTECT)


class Country(models.Model):
    name = models.CharField(max_length=80)
`,
};

const imports = "from shop.models import Customer, Item, Note, Order, Product\n\n";

export interface Read {
  readonly marked: MarkedText;
  readonly findings: readonly StaticFinding[];
}

/** What is found in a module that imports the shop's models. */
export function read(
  fixture: string,
  { files = shop, path = "shop/views.py", schema = null, isRecorded = () => false }: ReadOptions = {},
): Read {
  const marked = markedText(imports + fixture);
  const reading: Reading = {
    modules: modulesOf({ ...files, [path]: marked.text }),
    schema,
    modelModules: null,
    isRecorded,
  };
  return { marked, findings: new StaticAnalysis(reading).findings(parser.parse(marked.text), path) };
}

export interface ReadOptions {
  readonly files?: Readonly<Record<string, string>>;
  readonly path?: string;
  readonly schema?: Schema | null;
  readonly isRecorded?: Reading["isRecorded"];
}
