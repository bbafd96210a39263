from django.shortcuts import render

from .models import Doctor


def index(request):
    doctors = Doctor.objects.select_related("specialty").order_by("surname")
    return render(request, "doctors/index.html", {"doctors": doctors})
