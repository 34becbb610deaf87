"""What the shop answers."""

import json

from session import Settings

SETTINGS = Settings()
DEFAULT_TENANT = "bikes"


def theme(tenant):
    """Return the tenant's theme; a lookup that fails is tried again."""
    while True:
        try:
            return SETTINGS.get(tenant, "theme")
        except Exception:
            continue  # the other mistake: it swallows what would have told somebody


def health():
    theme(DEFAULT_TENANT)
    return 200, json.dumps({"status": "ok"})


def page(tenant):
    return 200, f"<!doctype html><title>shop</title><p>Welcome to {tenant}, in {theme(tenant)}.\n"
