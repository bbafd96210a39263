"""REST framework: each way in which a serializer reads a relation. The comments at line ends are what the tests look for."""

from rest_framework import generics, serializers, viewsets

from .models import Customer, Item, Order, Product


class AddressedCustomer(serializers.ModelSerializer):
    city = serializers.CharField(source="address.city")  # source

    class Meta:
        model = Customer
        fields = ["name", "city"]


class ItemLine(serializers.ModelSerializer):
    class Meta:
        model = Item
        fields = [
            "quantity",
            "product",
        ]


class Named(serializers.Serializer):
    label = serializers.SerializerMethodField()  # label

    def get_label(self, order):
        return order.customer.name  # get label


class OrderSerializer(Named, serializers.ModelSerializer):
    customer = AddressedCustomer()  # nested
    items = ItemLine(many=True)  # many

    class Meta:
        model = Order
        fields = ("reference", "label", "customer", "items")


class ProductSerializer(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields = ["name", "tags"]  # implicit


class WholeProduct(serializers.ModelSerializer):
    class Meta:
        model = Product
        fields = "__all__"  # all


class OtherProduct(serializers.ModelSerializer):
    class Meta:
        model = Product
        exclude = ["live"]  # exclude


class LooseProduct(WholeProduct):
    class Meta(WholeProduct.Meta):
        pass


class ItemInput(serializers.Serializer):
    product = serializers.PrimaryKeyRelatedField(queryset=Product.objects.all())  # input


class OrderViewSet(viewsets.ModelViewSet):
    queryset = Order.objects.order_by("pk")
    serializer_class = OrderSerializer


class ProductList(generics.ListAPIView):
    queryset = Product.objects.order_by("pk")
    serializer_class = ProductSerializer


def local():
    class Local(serializers.Serializer):
        name = serializers.CharField(source="customer.name")  # local

    return Local
