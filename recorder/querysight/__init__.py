"""Querysight's recorder: what Django's ORM ran, where and why, as segments (docs/segment-format.md).

A recorded pytest has imported this package before it could rewrite its asserts: PYTEST_DONT_REWRITE.
"""

__version__ = "0.1.0"
