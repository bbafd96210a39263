"""Decorators as people write them, in a file of their own."""

from functools import wraps


def passed_on(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)  # passed on

    return wrapper


def passed_on_by_self(method):
    @wraps(method)
    def wrapper(self, *args, **kwargs):
        return method(self, *args, **kwargs)

    return wrapper


def evaluated(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        return list(function(*args, **kwargs))  # evaluated

    return wrapper
