"""netbox's own test configuration, with databases that no other program on the machine uses (NETBOX_CONFIGURATION)."""

from netbox.configuration_testing import *  # noqa: F403

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "qs_acc_netbox",
        "USER": "postgres",
        "HOST": "localhost",
    }
}
REDIS = {
    name: {"HOST": "localhost", "PORT": 6379, "USERNAME": "", "PASSWORD": "", "DATABASE": number, "SSL": False}
    for name, number in (("tasks", 12), ("caching", 13))
}
