from django import template

register = template.Library()


@register.inclusion_tag("store/_items.html")
def order_items(order):
    return {"order": order}
