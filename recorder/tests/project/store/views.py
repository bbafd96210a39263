from django.http import HttpResponse
from django.views.generic import ListView

from .models import Note, Order


class OrderList(ListView):
    queryset = Order.objects.paid()  # class level
    template_name = "store/orders.html"


class NoteList(ListView):
    model = Note
    template_name = "store/notes.html"


def whoami(request):
    return HttpResponse(str(request.user.pk))


async def async_whoami(request):
    return HttpResponse(str((await request.auser()).pk))
