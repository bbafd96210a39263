"""A project's own settings, and on top what the documentation of the tool under comparison asks for.

QUERYSIGHT_BENCH_SETTINGS names the project's settings, QUERYSIGHT_BENCH_WAY the tool, QUERYSIGHT_BENCH_SITE the folder where the
tools are installed; what the project has installed itself comes first.
"""

import os
import sys
from importlib import import_module

sys.path.append(os.environ["QUERYSIGHT_BENCH_SITE"])
_way = os.environ["QUERYSIGHT_BENCH_WAY"]
_own = import_module(os.environ["QUERYSIGHT_BENCH_SETTINGS"])
globals().update({name: value for name, value in vars(_own).items() if name.isupper()})

INSTALLED_APPS = [*_own.INSTALLED_APPS, "bench_app.BenchConfig"]
MIDDLEWARE = [*_own.MIDDLEWARE]
QUERYSIGHT_BENCH_URLS = _own.ROOT_URLCONF

if _way == "zeal":
    INSTALLED_APPS += ["zeal"]
    MIDDLEWARE = ["zeal.middleware.zeal_middleware", *MIDDLEWARE]
    ZEAL_RAISE = False
    ZEAL_NPLUSONE_THRESHOLD = sys.maxsize
elif _way == "silk":
    INSTALLED_APPS += ["silk"]
    MIDDLEWARE = ["silk.middleware.SilkyMiddleware", *MIDDLEWARE]
    ROOT_URLCONF = "bench_urls"
elif _way == "toolbar":
    INSTALLED_APPS += [app for app in ("django.contrib.staticfiles", "debug_toolbar") if app not in INSTALLED_APPS]
    MIDDLEWARE = ["debug_toolbar.middleware.DebugToolbarMiddleware", *MIDDLEWARE]
    ROOT_URLCONF = "bench_urls"
    DEBUG_TOOLBAR_CONFIG = {"SHOW_TOOLBAR_CALLBACK": lambda request: True, "IS_RUNNING_TESTS": False}
    DEBUG_TOOLBAR_PANELS = ["debug_toolbar.panels.sql.SQLPanel"]
    STATIC_URL = getattr(_own, "STATIC_URL", None) or "static/"
