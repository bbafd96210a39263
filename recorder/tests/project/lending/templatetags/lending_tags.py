from django import template

register = template.Library()


@register.filter
def author_of(book):
    return book.author.name  # in a filter


@register.simple_tag
def name_of_author(book):
    return book.author.name


@register.simple_tag(takes_context=True)
def name_in_context(context):
    return context["book"].author.name


@register.inclusion_tag("shapes/inclusion.html")
def shown(book):
    return {"shown": book}


class Twice(template.Node):
    def __init__(self, nodes):
        self.nodes = nodes

    def render(self, context):
        return self.nodes.render(context) + self.nodes.render(context)


@register.tag
def twice(parser, token):
    nodes = parser.parse(("endtwice",))
    parser.delete_first_token()
    return Twice(nodes)
