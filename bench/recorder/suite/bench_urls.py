"""A project's own URLs and, after them, the tool's pages: their names are all that a test suite uses of them."""

import os
from importlib import import_module

from django.conf import settings
from django.urls import include, path

_own = import_module(settings.QUERYSIGHT_BENCH_URLS)
_tool = {"silk": ("silk/", "silk.urls"), "toolbar": ("__debug__/", "debug_toolbar.urls")}[os.environ["QUERYSIGHT_BENCH_WAY"]]

urlpatterns = [*_own.urlpatterns, path(_tool[0], include(_tool[1]))]
for _name in ("handler400", "handler403", "handler404", "handler500"):
    if hasattr(_own, _name):
        globals()[_name] = getattr(_own, _name)
