from django.contrib import admin

from blog.models import Comment, Post


@admin.register(Post)
class PostAdmin(admin.ModelAdmin):
    list_display = ("title", "author", "published_at")
    prepopulated_fields = {"slug": ("title",)}  # noqa: RUF012


@admin.register(Comment)
class CommentAdmin(admin.ModelAdmin):
    list_display = ("body", "is_approved", "written_at")
    list_filter = ("is_approved",)
