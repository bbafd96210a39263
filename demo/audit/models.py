from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Entry(models.Model):
    """Something that a member of staff did to some object."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="audit_entries"
    )
    action = models.CharField(max_length=60)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    target = GenericForeignKey("content_type", "object_id")
    done_at = models.DateTimeField()

    class Meta:
        ordering = ("-done_at", "-pk")
        verbose_name_plural = "entries"

    def __str__(self):
        return f"{self.action} at {self.done_at:%Y-%m-%d %H:%M}"
