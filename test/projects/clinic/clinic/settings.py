from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

SECRET_KEY = "clinic-tests-only"
DEBUG = False
USE_TZ = True

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "doctors.apps.DoctorsConfig",
    "patients.apps.PatientsConfig",
    "visits.apps.VisitsConfig",
]

MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]

ROOT_URLCONF = "clinic.urls"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ROOT / "clinic.sqlite3",
    },
}

DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
