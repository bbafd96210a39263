from django.http import HttpResponse
from django.template.loader import render_to_string
from django.views import View
from django.views.generic import DetailView, ListView, TemplateView

from blog.models import Post


class PostListView(ListView):
    """The blog's front page: posts with the discussion below them."""

    template_name = "blog/post_list.html"
    context_object_name = "posts"
    paginate_by = 10

    def get_queryset(self):
        return Post.objects.published().newest_first()


class PostDetailView(DetailView):
    template_name = "blog/post_detail.html"
    queryset = Post.objects.select_related("author").prefetch_related("comments__author")


class ArchiveView(TemplateView):
    """All titles with the size of their discussion."""

    template_name = "blog/archive.html"

    def get_context_data(self, **kwargs):
        entries = []
        for post in Post.objects.published():
            entries.append({"post": post, "comment_count": post.comments.count()})
        return super().get_context_data(entries=entries, **kwargs)


class FeedView(View):
    """The newest posts for feed readers."""

    def get(self, request):
        posts = Post.objects.published().newest_first().only("title", "slug", "published_at")[:20]
        feed = render_to_string("blog/feed.xml", {"posts": posts}, request)
        return HttpResponse(feed, content_type="application/atom+xml")
