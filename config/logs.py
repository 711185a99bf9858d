"""Log lines, plain or JSON, with personal data masked.

Errors of the database quote the row that they refuse, and paths can hold a rancher's log-in token; a log
is read by more people than may see either.
"""

import json
import logging
import re

MASKS = [
    (re.compile(r"(?<=/clave/nueva/)[^/\s\"']+"), "***"),
    (re.compile(r"(?<=/entrar/)[^/\s\"']+"), "***"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "***@***"),
    (
        re.compile(r"(?<=\)=\()[^)]*(?=\))"),
        "***",
    ),  # PostgreSQL: Key (dni)=(12345678) already exists
    (re.compile(r"(?<=Failing row contains \()[^\n]*"), "***)"),
    (re.compile(r"(?<![\w.-])\+?\d[\d ]{7,}\d?(?![\w.-])"), "***"),  # DNI and phone numbers
    (re.compile(r"(?<=\?)[\w%.-]+=[^\s\"']+"), "***"),  # query strings: people are searched by name
]


def masked(text: str) -> str:
    """Return `text` without log-in tokens, e-mail addresses, long numbers and refused rows."""
    for pattern, replacement in MASKS:
        text = pattern.sub(replacement, text)
    return text


class PlainFormatter(logging.Formatter):
    """One readable line, and the traceback below it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line: at, level, logger, message and, for an error, its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
        }
        if record.exc_info:
            line["traceback"] = masked(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)
