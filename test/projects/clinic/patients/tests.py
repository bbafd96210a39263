from datetime import date

from django.test import TestCase

from .models import Allergy, Patient


class PatientPagesTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        allergies = [Allergy.objects.create(substance=name) for name in ("latex", "nuts")]
        for number in range(9):
            patient = Patient.objects.create(full_name=f"Patient {number}", born=date(1980, 1, 1))
            patient.allergies.set(allergies)
        cls.patient = patient

    def test_index_shows_allergies(self):
        response = self.client.get("/patients/")
        self.assertContains(response, ": latex, nuts", count=9)

    def test_detail(self):
        with self.assertNumQueries(2):
            response = self.client.get(f"/patients/{self.patient.pk}/")
        self.assertContains(response, "<p>latex</p>")

    def test_unknown_patient(self):
        self.assertEqual(self.client.get("/patients/0/").status_code, 404)
