"""Querysight's recorder: what Django's ORM ran, where and why, as segments (docs/segment-format.md)."""

__version__ = "0.1.0"
