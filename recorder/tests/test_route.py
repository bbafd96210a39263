"""Routes as people read them."""

from __future__ import annotations

import pytest

from querysight.route import readable

REGEXES = [
    ("^$", "/"),
    (r"^orders/$", "/orders/"),
    (r"^orders/\Z", "/orders/"),
    (r"^api/orders/(?P<pk>[^/.]+)/$", "/api/orders/<pk>/"),
    (r"^orders\.(?P<format>[a-z0-9]+)/?$", "/orders.<format>/"),
    (r"^orders/(?P<pk>[^/.]+)\.(?P<format>[a-z0-9]+)/?$", "/orders/<pk>.<format>/"),
    (r"^(?P<outer>(a|b(?P<inner>\d+)))/(\w+)/$", "/<outer>/<var>/"),
    (r"^(?P<slug>[-\w()]+)/$", "/<slug>/"),
]


@pytest.mark.parametrize(("route", "shown"), REGEXES)
def test_regular_expressions_read_as_in_djangos_own_documentation(route, shown):
    from django.contrib.admindocs.views import simplify_regex

    assert readable(route) == shown == simplify_regex(route.replace(r"\Z", "$").replace("\\.", "."))


@pytest.mark.parametrize(
    ("route", "shown"),
    [
        ("", "/"),
        ("/orders/", "/orders/"),
        ("items/<int:times>/", "/items/<int:times>/"),
        ("files/(draft)/what?/<path:name>", "/files/(draft)/what?/<path:name>"),
        ("orders<drf_format_suffix:format>", "/orders<drf_format_suffix:format>"),
    ],
)
def test_routes_of_path_stay_as_they_are_written(route, shown):
    assert readable(route) == shown


@pytest.mark.parametrize(
    ("route", "shown"),
    [
        # A router included below a `path()`: Django joins both kinds and takes off the inner `^`.
        (r"shops/<int:shop>/orders/(?P<pk>[^/.]+)/$", "/shops/<int:shop>/orders/<pk>/"),
        # Django's own leaves out what stands in a group that captures nothing.
        (r"^(?:archive/)?(?P<year>[0-9]{4})/$", "/archive/<year>/"),
        (r"^(?:page-(?P<number>\d+)/)?$", "/page-<number>/"),
        (r"^year/\d{4}/(?i)(?=a)[ab]+/$", r"/year/\d{4}/[ab]+/"),
        (r"^unbalanced)\($", "/unbalanced("),
    ],
)
def test_mixed_and_odd_routes(route, shown):
    assert readable(route) == shown
