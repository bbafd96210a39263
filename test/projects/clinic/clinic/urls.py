from django.urls import path

import doctors.views
import patients.views
import visits.views

urlpatterns = [
    path("doctors/", doctors.views.index, name="doctors"),
    path("patients/", patients.views.index, name="patients"),
    path("patients/<int:pk>/", patients.views.detail, name="patient"),
    path("visits/", visits.views.agenda, name="agenda"),
]
