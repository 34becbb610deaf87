"""Mail, handed in at the mail server of the config: one thread of mails for each alert."""

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import formatdate

from bot.domain.errors import ChatClosed, ChatDoubtful, ChatRefused
from bot.domain.messages import Message
from bot.domain.routes import MailServer, PageEvent
from bot.pages.texts import details

WITHIN_S = 15.0
IMPLICIT_TLS_PORT = 465
LONGEST_SUBJECT = 200


class Mail:
    """Fulfils ports.Pager. TLS wherever the server offers it; a password is never sent without."""

    def __init__(self, server: MailServer, to: Sequence[str], *, password: str) -> None:
        self._server, self._to, self._password = server, tuple(to), password

    def page(self, message: Message, *, event: PageEvent, key: str, outbox: str) -> None:
        try:
            self._hand_in(self._mail(message, event=event, key=key, outbox=outbox))
        except smtplib.SMTPAuthenticationError as error:
            raise ChatClosed("smtp_login_refused", str(error.smtp_code)) from error
        except smtplib.SMTPRecipientsRefused as error:
            raise ChatRefused("smtp_recipients_refused", ", ".join(error.recipients)) from error
        except smtplib.SMTPResponseException as error:
            code = f"smtp_{error.smtp_code}"
            raise (ChatRefused if error.smtp_code >= 500 else ChatDoubtful)(code, str(error)) from error
        except TimeoutError as error:
            raise ChatDoubtful("timeout", f"no answer within {WITHIN_S:g} s") from error
        except (OSError, smtplib.SMTPException) as error:
            raise ChatDoubtful("unreachable", f"{type(error).__name__}: {error}") from error

    def _mail(self, message: Message, *, event: PageEvent, key: str, outbox: str) -> EmailMessage:
        mail = EmailMessage()
        sender = self._server.sender or f"hangbot@{self._server.host}"
        domain = sender.rpartition("@")[2]
        mail["From"], mail["To"] = sender, ", ".join(self._to)
        mail["Subject"] = " ".join(message.text.split())[:LONGEST_SUBJECT]
        mail["Date"] = formatdate()
        mail["Message-ID"] = f"<{outbox}@{domain}>"
        mail["References"] = f"<{key}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        if event is PageEvent.TRIGGER:
            mail["X-Priority"] = "1"
        mail.set_content(f"{message.text}\n\n{details(message)}\n")
        return mail

    def _hand_in(self, mail: EmailMessage) -> None:
        context = ssl.create_default_context()
        host, port = self._server.host, self._server.port
        if port == IMPLICIT_TLS_PORT:
            connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=WITHIN_S, context=context)
        else:
            connection = smtplib.SMTP(host, port, timeout=WITHIN_S)
        with connection:
            connection.ehlo()
            safe = port == IMPLICIT_TLS_PORT
            if not safe and connection.has_extn("starttls"):
                connection.starttls(context=context)
                connection.ehlo()
                safe = True
            if self._server.user:
                if not safe:
                    raise ChatClosed("smtp_without_tls", "a password is not sent in the clear")
                connection.login(self._server.user, self._password)
            connection.send_message(mail)
