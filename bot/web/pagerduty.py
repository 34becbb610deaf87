"""POST /webhooks/pagerduty: acknowledged there is acknowledged here. What PagerDuty has not signed is refused before it is read.

Signatures: https://developer.pagerduty.com/docs/verifying-webhook-signatures
"""

import hashlib
import hmac
from http import HTTPStatus

from bot.domain.paged import read_pagerduty
from bot.flows import answers
from bot.ports import Services
from bot.web.pages import Answer, Environ, Page, document
from bot.web.webhooks import read_by, refused

SECRET = "PAGERDUTY_WEBHOOK_SECRET"  # noqa: S105 — its name
HEADER = "HTTP_X_PAGERDUTY_SIGNATURE"


def pagerduty(services: Services, secret: str) -> Page:
    """Return what takes PagerDuty's webhooks, with the secret that it showed when the subscription was made."""

    def take(read: object) -> Answer:
        found = read_pagerduty(read, now=services.clock.now())
        return document({"ok": True, "new": found is not None and answers.take(found, services)})

    def answer(environ: Environ) -> Answer:
        if not secret:
            why = f"{SECRET} is not set for this bot: PagerDuty shows it when the webhook is made"
            return refused(why, HTTPStatus.FORBIDDEN)
        body = environ["wsgi.input"].read()
        if not is_signed(body, str(environ.get(HEADER, "")), secret=secret):
            return refused(
                "no signature of PagerDuty that fits its webhook's secret", HTTPStatus.UNAUTHORIZED
            )
        return read_by(take, body)

    return answer


def is_signed(body: bytes, header: str, *, secret: str) -> bool:
    """Return whether one of a header's signatures is right; there are several while a secret is being changed."""
    wanted = f"v1={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}".encode()
    given = [one.strip().encode("latin-1", "replace") for one in header.split(",")]
    return True in [hmac.compare_digest(wanted, one) for one in given]
