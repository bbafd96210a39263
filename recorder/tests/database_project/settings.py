"""The store's project on the database that STORE_DATABASE names, in a test database called STORE_TEST_NAME."""

import multiprocessing
import os
import sys

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS

# Each of the many runs would wait longest for the import of what serves requests, and there are none.
INSTALLED_APPS = [*(name for name in INSTALLED_APPS if name != "strawberry_django"), "archive", "shelf"]
ROOT_URLCONF = __name__
urlpatterns = []

_SERVER = {"HOST": "127.0.0.1", "TEST": {"NAME": os.environ["STORE_TEST_NAME"]}}
_SQLITE = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
_POSTGRESQL = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": "postgres",
    "USER": "postgres",
    "PASSWORD": "postgres",
    "PORT": 5432,
    **_SERVER,
}
_MARIADB = {"ENGINE": "django.db.backends.mysql", "NAME": "mysql", "USER": "root", "PASSWORD": "", "PORT": 3306, **_SERVER}

_REPLICA = {**_POSTGRESQL, "TEST": {"MIRROR": "default"}}

_CHOSEN = os.environ["STORE_DATABASE"]
if _CHOSEN == "mariadb":
    import pymysql

    pymysql.install_as_MySQLdb()
elif _CHOSEN == "psycopg2":
    # Django prefers psycopg 3 where it can be imported.
    sys.modules["psycopg"] = None

DATABASES = {
    "sqlite": {"default": _SQLITE},
    "postgresql": {"default": _POSTGRESQL},
    "psycopg2": {"default": _POSTGRESQL},
    "mariadb": {"default": _MARIADB},
    "mysqlclient": {"default": _MARIADB},
    "mirrored": {"default": _POSTGRESQL, "replica": _REPLICA},
    "routed": {"default": _SQLITE, "archive": _POSTGRESQL},
}[_CHOSEN]

if _CHOSEN == "routed":
    DATABASE_ROUTERS = ["archive.router.Router"]
elif _CHOSEN == "mirrored":
    DATABASE_ROUTERS = ["archive.router.ReplicaRouter"]

if "STORE_START_METHOD" in os.environ:
    # The workers read the settings as well.
    multiprocessing.set_start_method(os.environ["STORE_START_METHOD"], force=True)
