from django.test import TestCase
from django.urls import reverse

from sampledata.factories import create_entry, create_post, create_product, create_staff


class ActivityTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.staff = create_staff(username="editor")
        cls.targets = [create_product() for _ in range(3)] + [create_post() for _ in range(3)]
        for target in cls.targets:
            create_entry(target, actor=cls.staff)

    def test_names_what_was_changed(self):
        self.client.force_login(self.staff)
        response = self.client.get(reverse("audit:activity"))
        for target in self.targets:
            self.assertContains(response, f"editor changed {target}")

    def test_visitors_are_asked_to_log_in(self):
        response = self.client.get(reverse("audit:activity"))
        self.assertRedirects(response, f"{reverse('admin:login')}?next={reverse('audit:activity')}")
