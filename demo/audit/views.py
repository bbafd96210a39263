from django.contrib.auth.mixins import LoginRequiredMixin
from django.views.generic import ListView

from audit.models import Entry


class ActivityView(LoginRequiredMixin, ListView):
    """The last fifty things that staff did."""

    template_name = "audit/activity.html"
    context_object_name = "entries"
    login_url = "admin:login"

    def get_queryset(self):
        return Entry.objects.select_related("actor")[:50]
