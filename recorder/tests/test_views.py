"""The view that a request names: the class or function, and the action where one class serves several."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.mark.parametrize(
    ("method", "path", "view"),
    [
        ("get", "/orders/", "store.views.OrderList"),
        ("get", "/whoami/", "store.views.whoami"),
        ("get", "/api/products/", "store.api.ProductList"),
        ("get", "/api/orders/", "store.api.OrderViewSet.list"),
        ("head", "/api/orders/", "store.api.OrderViewSet.list"),
        ("get", "/api/orders/1/", "store.api.OrderViewSet.retrieve"),
        ("delete", "/api/orders/1/", "store.api.OrderViewSet.destroy"),
        ("put", "/api/orders/", "store.api.OrderViewSet"),
        ("get", "/ninja/orders/R0", "store.ninja_api.read_order"),
        ("delete", "/ninja/orders/R0", "store.ninja_api.drop_order"),
        ("get", "/admin/login/", "django.contrib.admin.sites.AdminSite.login"),
    ],
)
def test_view_of_a_request(recording, requests, method, path, view):
    recording.run(getattr(Client(), method), path)
    assert recording.result.status_code < 406
    [scope] = [scope for scope in recording.read().of("scope") if scope["kind"] == "request"]
    assert scope["view"] == view
