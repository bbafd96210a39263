from django.shortcuts import get_object_or_404, render

from .models import Patient


def index(request):
    patients = Patient.objects.order_by("full_name")
    return render(request, "patients/index.html", {"patients": patients})


def detail(request, pk):
    patient = get_object_or_404(Patient, pk=pk)
    return render(request, "patients/detail.html", {"patient": patient})
