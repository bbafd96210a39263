from django.test import TestCase

from .models import Doctor, Specialty


class DirectoryTest(TestCase):
    def test_names_specialties(self):
        for title in ("Cardiology", "Dermatology", "Neurology"):
            specialty = Specialty.objects.create(title=title)
            Doctor.objects.create(surname=f"No {title}", specialty=specialty, room="1")

        with self.assertNumQueries(1):
            response = self.client.get("/doctors/")

        self.assertContains(response, "Dr No Neurology: Neurology")
