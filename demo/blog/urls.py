from django.urls import path

from blog import views

app_name = "blog"

urlpatterns = [
    path("", views.PostListView.as_view(), name="post-list"),
    path("archive/", views.ArchiveView.as_view(), name="archive"),
    path("feed.xml", views.FeedView.as_view(), name="feed"),
    path("<slug:slug>/", views.PostDetailView.as_view(), name="post-detail"),
]
