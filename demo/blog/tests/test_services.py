from datetime import timedelta

from django.test import TestCase

from blog import services
from sampledata.factories import EPOCH, create_comment, create_post


class WeeklyDigestTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.posts = [create_post(published_at=EPOCH + timedelta(days=day)) for day in range(5)]
        for post in cls.posts:
            for body in ("first", "second", "third"):
                create_comment(post, body=body)
            create_comment(post, body="spam", is_approved=False)

    def test_quotes_the_last_two_approved_comments(self):
        digest = services.weekly_digest(EPOCH)

        self.assertEqual([title for title, _ in digest], [p.title for p in reversed(self.posts)])
        for _, comments in digest:
            self.assertEqual(comments, ["third", "second"])

    def test_leaves_out_older_posts(self):
        self.assertEqual(len(services.weekly_digest(EPOCH + timedelta(days=3))), 2)


class ReadingTimeTests(TestCase):
    def test_counts_words(self):
        create_post(title="Short", body="word " * 20)
        create_post(title="Long", body="word " * 900)
        create_post(title="Draft", published_at=None)

        with self.assertNumQueries(1):
            times = services.reading_times()

        self.assertEqual(times, {"Long": 4, "Short": 1})
