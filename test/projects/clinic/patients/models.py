from django.db import models


class Allergy(models.Model):
    substance = models.CharField(max_length=60, unique=True)

    class Meta:
        ordering = ("substance",)
        verbose_name_plural = "allergies"

    def __str__(self):
        return self.substance


class Patient(models.Model):
    full_name = models.CharField(max_length=120)
    born = models.DateField()
    allergies = models.ManyToManyField(Allergy, blank=True)

    def __str__(self):
        return self.full_name
