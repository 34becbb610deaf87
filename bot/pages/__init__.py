"""Ways to page: one file per way, each fulfils ports.Pager. Only `bot/app/` names them."""

from collections.abc import Mapping

from bot.domain.routes import PagePath
from bot.domain.settings import Settings
from bot.pages.mail import Mail
from bot.pages.pagerduty import PagerDuty
from bot.pages.webhook import Webhook
from bot.ports import Pager


def pagers(
    settings: Settings, *, pagerduty_key: str, pagerduty_url: str, smtp_password: str
) -> Mapping[PagePath, Pager]:
    """Return the ways to page that the config has. `pagerduty_url` empty: PagerDuty's own."""
    paging, found = settings.paging, dict[PagePath, Pager]()
    if paging.pagerduty and pagerduty_key:
        found[PagePath.PAGERDUTY] = PagerDuty(pagerduty_key, pagerduty_url)
    if paging.webhook:
        found[PagePath.WEBHOOK] = Webhook(paging.webhook)
    if paging.smtp and settings.mail:
        found[PagePath.SMTP] = Mail(settings.mail, paging.smtp, password=smtp_password)
    return found
