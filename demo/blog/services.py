"""Texts that are made of posts."""

from blog.models import Post


def weekly_digest(since):
    """Title and the last two approved comments of each post published since `since`.

    Returns `[(title, [comment body, ...]), ...]`, newest post first.
    """
    digest = []
    for post in Post.objects.published().filter(published_at__gte=since):
        latest = post.comments.filter(is_approved=True).order_by("-written_at", "-pk")[:2]
        digest.append((post.title, [comment.body for comment in latest]))
    return digest


def reading_times(words_per_minute=200):
    """Minutes it takes to read each published post, at least one: `{title: minutes}`."""
    times = {}
    for post in Post.objects.published().only("title", "body").iterator():
        times[post.title] = max(1, round(len(post.body.split()) / words_per_minute))
    return times
