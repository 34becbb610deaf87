"""How long a server's certificate is still good for, and whether it is for the name it is asked by."""

from datetime import UTC

from cryptography import x509
from cryptography.x509.oid import NameOID

from bot.domain.checks import CheckSpec, Reply, Said, critical, ok, unknown, warning

DAY_S = 86_400.0


def parse(reply: Reply, spec: CheckSpec) -> Said:
    try:
        found = x509.load_der_x509_certificate(reply.text)
    except ValueError:
        return unknown("the certificate cannot be read")
    ends = found.not_valid_after_utc.astimezone(UTC)
    days = (ends.timestamp() - reply.at.timestamp()) / DAY_S
    told = f"{_subject(found)} is good until {ends:%Y-%m-%d}"
    metrics = {"days_left": round(days, 2)}
    if days < 0:
        return critical(f"{_subject(found)} has run out on {ends:%Y-%m-%d}", **metrics)
    if found.not_valid_before_utc.timestamp() > reply.at.timestamp():
        return critical(
            f"{_subject(found)} is not good before {found.not_valid_before_utc:%Y-%m-%d}", **metrics
        )
    if spec.server_name and not _is_for(found, spec.server_name):
        return critical(f"{_subject(found)} is not for {spec.server_name}", **metrics)
    if days < spec.critical_days:
        return critical(f"{told}, {days:.1f} days", **metrics)
    if days < spec.warning_days:
        return warning(f"{told}, {days:.0f} days", **metrics)
    return ok(f"{told}, {days:.0f} days", **metrics)


def _subject(found: x509.Certificate) -> str:
    names = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return f"the certificate of {names[0].value!s}" if names else "the certificate"


def _is_for(found: x509.Certificate, name: str) -> bool:
    try:
        known = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = known.get_values_for_type(x509.DNSName)
    except x509.ExtensionNotFound:
        names = [str(one.value) for one in found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    wanted = name.lower()
    return any(
        one.lower() == wanted or (one.startswith("*.") and wanted.partition(".")[2] == one[2:].lower())
        for one in names
    )
