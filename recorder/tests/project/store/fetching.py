"""Fetch modes, which Django has since 6.1. The comments at line ends are what the tests look for."""

from django.db import models

from .models import Customer, Note, Order, Profile


def peers_of_a_foreign_key():
    for order in [*Order.objects.fetch_mode(models.FETCH_PEERS)]:
        order.customer.name  # peers access


def peers_of_a_chain():
    for order in [*Order.objects.fetch_mode(models.FETCH_PEERS)]:
        order.customer.address.city


def peers_of_a_reverse_one_to_one():
    for customer in [*Customer.objects.fetch_mode(models.FETCH_PEERS).filter(profile__isnull=False)]:
        customer.profile.bio


def peers_of_a_one_to_one():
    for profile in [*Profile.objects.fetch_mode(models.FETCH_PEERS)]:
        profile.customer.name


def peers_of_a_generic_foreign_key():
    for note in [*Note.objects.fetch_mode(models.FETCH_PEERS)]:
        note.about.pk


def peers_of_a_deferred_field():
    for order in [*Order.objects.defer("memo").fetch_mode(models.FETCH_PEERS)]:
        order.memo


def peers_that_are_gone():
    for order in Order.objects.fetch_mode(models.FETCH_PEERS).iterator(chunk_size=1):
        order.customer.name


def one_at_a_time():
    for order in Order.objects.fetch_mode(models.FETCH_ONE):
        order.customer.name


def nothing_may_be_fetched():
    order = Order.objects.fetch_mode(models.FETCH_RAISE).first()
    try:
        return order.customer
    except Exception as error:
        return error
