from django.shortcuts import render

from .models import Visit


def agenda(request):
    visits = Visit.objects.confirmed().in_time_order()
    return render(request, "visits/agenda.html", {"visits": visits})
