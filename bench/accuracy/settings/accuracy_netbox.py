"""netbox's own test configuration, with databases that no other program on the machine uses (NETBOX_CONFIGURATION)."""

import os

from netbox.configuration_testing import *  # noqa: F403

# The parts of a run that go on beside each other have a database each.
_part = os.environ.get("ACCURACY_PART", "")

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": f"qs_acc_netbox{_part}",
        "USER": "postgres",
        "HOST": "localhost",
    }
}
REDIS = {
    name: {"HOST": "localhost", "PORT": 6379, "USERNAME": "", "PASSWORD": "", "DATABASE": number, "SSL": False}
    for name, number in (("tasks", 12), ("caching", 13))
}
