"""What Django asks for itself: users, permissions, sessions. And what a program asks of the same tables."""

from asgiref.sync import async_to_sync
from django.contrib.auth import authenticate, login
from django.contrib.auth.models import Group, User
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.test import AsyncClient, Client

from .models import Visit


class VisitStore(SessionStore):
    @classmethod
    def get_model_class(cls):
        return Visit


def keeps_a_session_of_its_own():
    session = VisitStore()
    session["a"] = 1
    session.save()
    return VisitStore(session.session_key)["a"]


def signs_in():
    Client().login(username="u", password="p")


def is_asked_who_it_is():
    client = Client()
    client.force_login(User.objects.get(username="u"))
    client.get("/whoami/")


@async_to_sync
async def is_asked_asynchronously():
    client = AsyncClient()
    await client.aforce_login(await User.objects.aget(username="u"))
    await client.get("/async-whoami/")


def authenticates():
    authenticate(username="u", password="p")


def fails_to_authenticate():
    authenticate(username="nobody", password="p")


def logs_in():
    request = HttpRequest()
    request.session = SessionStore()
    login(request, User.objects.get(username="u"), backend="django.contrib.auth.backends.ModelBackend")


def is_asked_for_a_permission():
    User.objects.get(username="u").has_perm("auth.add_user")


@async_to_sync
async def is_asked_for_a_permission_asynchronously():
    user = await User.objects.aget(username="u")
    await user.ahas_perm("auth.add_user")


def keeps_a_session():
    session = SessionStore()
    session["a"] = 1
    session.save()
    session = SessionStore(session.session_key)
    session["b"] = session["a"]
    session.save()
    session.cycle_key()
    session.flush()
    SessionStore.clear_expired()


def lists_users():
    return list(User.objects.all())


def saves_a_user():
    user = User.objects.get(username="u")
    user.first_name = "U"
    user.save()


def lists_groups():
    return [list(user.groups.all()) for user in User.objects.all()]


def lists_members():
    return [list(group.user_set.all()) for group in Group.objects.all()]
