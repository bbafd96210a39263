from datetime import date, datetime, timedelta, timezone

from django.test import TestCase

from doctors.models import Doctor, Specialty
from patients.models import Patient

from .models import Visit
from .reports import pharmacy_list

MORNING = datetime(2025, 5, 5, 8, 0, tzinfo=timezone.utc)


def book(number, **fields):
    """A confirmed visit with a doctor and a patient of its own."""
    specialty, _ = Specialty.objects.get_or_create(title="General practice")
    defaults = {
        "doctor": Doctor.objects.create(surname=f"Doe{number}", specialty=specialty, room="2"),
        "patient": Patient.objects.create(full_name=f"Roe{number}", born=date(1990, 1, 1)),
        "starts_at": MORNING + timedelta(minutes=5 * number),
        "reason": f"Check-up {number}",
        "confirmed_by": "phone",
    }
    return Visit.objects.create(**defaults | fields)


class AgendaTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        for number in range(40):
            book(number)
        book(99, confirmed_by="")

    def test_shows_doctors_of_confirmed_visits(self):
        response = self.client.get("/visits/")
        self.assertContains(response, "<td>Doe", count=40)
        self.assertNotContains(response, "Doe99")

    def test_queries(self):
        with self.assertNumQueries(41):
            self.client.get("/visits/")


class PharmacyListTest(TestCase):
    def test_names_each_drug_once(self):
        for number in range(6):
            visit = book(number)
            visit.prescription_set.create(drug="Aspirin")
            visit.prescription_set.create(drug=f"Drug {number % 2}")

        self.assertEqual(pharmacy_list(), ["Aspirin", "Drug 0", "Drug 1"])
