from django.test import TestCase
from django.urls import reverse

from sampledata.factories import create_comment, create_post


class PostListTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.posts = [create_post() for _ in range(6)]
        for post in cls.posts:
            for _ in range(3):
                create_comment(post)

    def test_shows_authors_and_comments(self):
        response = self.client.get(reverse("blog:post-list"))

        self.assertContains(response, "<article>", count=6)
        self.assertContains(response, ": Comment", count=18)
        for post in self.posts:
            self.assertContains(response, f"<i>{post.author.username}</i>", count=1)

    def test_drafts_stay_hidden(self):
        create_post(title="Draft", published_at=None)
        self.assertNotContains(self.client.get(reverse("blog:post-list")), "Draft")


class PostDetailTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.post = create_post()
        for _ in range(6):
            create_comment(cls.post)

    def test_shows_the_whole_discussion(self):
        # The post with its author, the comments, their authors.
        with self.assertNumQueries(3):
            response = self.client.get(self.post.get_absolute_url())
        self.assertContains(response, ": Comment", count=6)


class ArchiveTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        for _ in range(8):
            post = create_post()
            for _ in range(2):
                create_comment(post)

    def test_shows_the_size_of_each_discussion(self):
        response = self.client.get(reverse("blog:archive"))
        self.assertContains(response, "2 comments", count=8)


class FeedTests(TestCase):
    def test_entries_have_a_summary(self):
        posts = [create_post() for _ in range(5)]

        response = self.client.get(reverse("blog:feed"))

        self.assertEqual(response["Content-Type"], "application/atom+xml")
        for post in posts:
            self.assertContains(response, f"<summary>{post.summary}</summary>", count=1)
