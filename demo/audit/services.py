"""Writing down what staff do."""

from audit.models import Entry


def log_action(actor, action, targets, done_at):
    """Record that `actor` did `action` to each of `targets`; return the entries."""
    return Entry.objects.bulk_create(
        Entry(actor=actor, action=action, target=target, done_at=done_at) for target in targets
    )
