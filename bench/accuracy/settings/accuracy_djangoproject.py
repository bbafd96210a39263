"""djangoproject.com's development settings, with databases that no other program on the machine uses (DJANGO_SETTINGS_MODULE)."""

from typing import Any

from django.conf import urls
from django.dispatch import Signal
from django.urls import re_path
from django.utils import translation
from djangoproject.settings.dev import *  # noqa: F403

_init = Signal.__init__


def _init_as_before(self: Signal, providing_args: Any = None, use_caching: bool = False) -> None:
    _init(self, use_caching)


# For django-push 1.1: what Django 4.0 dropped.
Signal.__init__ = _init_as_before  # type: ignore[method-assign]
urls.url = re_path  # type: ignore[attr-defined]
translation.ugettext = translation.gettext  # type: ignore[attr-defined]
translation.ungettext = translation.ngettext  # type: ignore[attr-defined]
translation.ugettext_lazy = translation.gettext_lazy  # type: ignore[attr-defined]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "qs_acc_djangoproject",
        "USER": "postgres",
        "HOST": "localhost",
    },
    "trac": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "qs_acc_trac",
        "USER": "postgres",
        "HOST": "localhost",
    },
}
