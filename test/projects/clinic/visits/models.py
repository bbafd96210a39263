from django.db import models

from doctors.models import Doctor
from patients.models import Patient


class VisitQuerySet(models.QuerySet):
    def confirmed(self):
        return self.exclude(confirmed_by="")

    def in_time_order(self):
        return self.order_by("starts_at", "id")


class Visit(models.Model):
    doctor = models.ForeignKey(Doctor, models.CASCADE)
    patient = models.ForeignKey(Patient, models.CASCADE)
    starts_at = models.DateTimeField()
    reason = models.CharField(max_length=200)
    confirmed_by = models.CharField(max_length=60, blank=True)

    objects = VisitQuerySet.as_manager()

    def __str__(self):
        return self.reason


class Prescription(models.Model):
    visit = models.ForeignKey(Visit, models.CASCADE)
    drug = models.CharField(max_length=80)

    def __str__(self):
        return self.drug
