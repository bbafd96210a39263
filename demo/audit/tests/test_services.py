from django.test import TestCase

from audit import services
from audit.models import Entry
from sampledata.factories import EPOCH, create_product, create_staff


class LogActionTests(TestCase):
    def test_writes_an_entry_for_each_target(self):
        staff = create_staff()
        products = [create_product() for _ in range(4)]
        services.log_action(staff, "viewed", products[:1], EPOCH)

        with self.assertNumQueries(1):
            services.log_action(staff, "repriced", products, EPOCH)

        self.assertEqual(Entry.objects.filter(actor=staff, action="repriced").count(), 4)
