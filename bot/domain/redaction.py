"""Takes secrets out of command lines and source before anything is stored or shown."""

import re

MASK = "•••"
SENSITIVE = r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|auth|cookie|dsn|credential|bearer|private[_-]?key)"
SHAPES = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|xox[a-z]-[\w-]+|xapp-[\w-]+|gh[pousr]_\w{20,}|sk-[\w-]{20,}|AKIA[0-9A-Z]{16}"
    r"|eyJ[\w-]{8,}\.[\w-]+\.[\w-]*"
    r"|(?<=://)[^/\s:@'\"]*:[^/\s@'\"]+(?=@)"
    r"|[\w.+-]+@[\w-]+\.[\w.]{2,}"
    r"|\b[0-9a-fA-F]{32,}\b|\b(?=[A-Za-z0-9+/]*[0-9])(?=[A-Za-z0-9+/]*[A-Z])[A-Za-z0-9+/]{40,}={0,2}",
    re.DOTALL,
)
OPTION = re.compile(rf"((?:^|[\s-])[\w-]*{SENSITIVE}[\w-]*(?:=|\s+))(?!-)(\S+)", re.IGNORECASE)
HEADER = re.compile(r"((?:authorization|cookie|x-api-key)\s*:\s*)[^'\"\n]+", re.IGNORECASE)
LITERAL = re.compile(
    rf"""(\b\w*{SENSITIVE}\w*['"]?\]?\s*(?:=|:)\s*[rbuf]{{0,2}})(['"])(?:(?!\2).)+\2""", re.IGNORECASE
)
SAID = re.compile(rf"(\b[\w-]*{SENSITIVE}[\w-]*\s*(?:=|:|\bis\b)\s*)(\S+)", re.IGNORECASE)


def command(text: str) -> str:
    """Redact a command line: values of options that sound secret, and what looks like one."""
    return SHAPES.sub(MASK, HEADER.sub(rf"\1{MASK}", OPTION.sub(rf"\1{MASK}", text)))


def source(text: str) -> str:
    """Redact a line of code: literals given to names that sound secret, and what looks like one; never names."""
    return SHAPES.sub(MASK, HEADER.sub(rf"\1{MASK}", LITERAL.sub(rf"\1\2{MASK}\2", text)))


def prose(text: str) -> str:
    """Redact what a person wrote: what is set to a name that sounds secret (`password: x`), and what looks like a secret."""
    return SHAPES.sub(MASK, HEADER.sub(rf"\1{MASK}", SAID.sub(rf"\1{MASK}", text)))


def path(text: str) -> str:
    """Redact a path: a part of it that looks like a secret, never the path for its length."""
    return "/".join(SHAPES.sub(MASK, part) for part in text.split("/"))
