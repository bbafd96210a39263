from django.db import models


class Box(models.Model):
    label = models.CharField(max_length=20)


class Paper(models.Model):
    order_number = models.IntegerField()
    box = models.ForeignKey(Box, models.CASCADE, related_name="papers")
