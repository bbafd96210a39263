import sys

from django.contrib import admin
from django.urls import include, path
from rest_framework.routers import DefaultRouter
from store import api, graph, ninja_api, views
from strawberry.django.views import AsyncGraphQLView, GraphQLView

router = DefaultRouter()
router.register("orders", api.OrderViewSet)

urlpatterns = [
    path("orders/", views.OrderList.as_view()),
    path("notes/", views.NoteList.as_view()),
    path("whoami/", views.whoami),
    path("async-whoami/", views.async_whoami),
    path("admin/", admin.site.urls),
    path("api/", include(router.urls)),
    path("api/products/", api.ProductList.as_view()),
    path("ninja/", ninja_api.api.urls),
    path("graphql/", GraphQLView.as_view(schema=graph.schema)),
    path("async-graphql/", AsyncGraphQLView.as_view(schema=graph.schema)),
]

if sys.version_info < (3, 13):
    from graphene_django.views import GraphQLView as GrapheneView
    from store import graphene_types

    urlpatterns.append(path("graphene/", GrapheneView.as_view(schema=graphene_types.schema)))
