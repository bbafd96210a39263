class Router:
    """The archive has a database of its own."""

    def db_for_read(self, model, **hints):
        return "archive" if model._meta.app_label == "archive" else None

    db_for_write = db_for_read

    def allow_migrate(self, db, app_label, **hints):
        return (db == "archive") == (app_label == "archive")


class ReplicaRouter:
    """Reads go to a copy."""

    def db_for_read(self, model, **hints):
        return "replica"

    def db_for_write(self, model, **hints):
        return "default"

    def allow_relation(self, first, second, **hints):
        return True
