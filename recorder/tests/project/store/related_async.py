"""Async methods of related managers: what they call runs in another thread, on a stack of its own."""

from asgiref.sync import async_to_sync

from .models import Order, Product, Tag


async def _change():
    product = await Product.objects.order_by("pk").afirst()
    tag = await Tag.objects.order_by("pk").afirst()
    await product.tags.aclear()
    await product.tags.aadd(tag)
    await product.tags.aremove(tag)
    await product.tags.aset([tag])
    order = await Order.objects.order_by("pk").afirst()
    await order.notes.aclear()


def change_related():
    async_to_sync(_change)()
