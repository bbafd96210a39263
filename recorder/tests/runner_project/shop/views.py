from django.http import HttpResponse, StreamingHttpResponse
from django.views import View

from .models import Item


def items(request, times):
    """Runs the same query ``times`` times."""
    return HttpResponse(str([list(Item.objects.all()) for _ in range(int(times))]))


class ItemList(View):
    def get(self, request):
        return HttpResponse(Item.objects.count())


def broken(request):
    Item.objects.count()
    raise RuntimeError("broken")


def stream(request):
    """One query before the content, one for each of three parts."""
    Item.objects.count()
    return StreamingHttpResponse(str(Item.objects.count()) for _ in range(3))
