from django.db import models


class Specialty(models.Model):
    title = models.CharField(max_length=60, unique=True)

    class Meta:
        verbose_name_plural = "specialties"

    def __str__(self):
        return self.title


class Doctor(models.Model):
    surname = models.CharField(max_length=60)
    specialty = models.ForeignKey(Specialty, models.PROTECT)
    room = models.CharField(max_length=8)

    def __str__(self):
        return f"Dr {self.surname}"
