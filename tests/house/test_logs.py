import json
import logging

import pytest

from config.logs import JsonFormatter, masked


@pytest.mark.parametrize(
    ("said", "hidden"),
    [
        ("Not Found: /entrar/c788b54002753498/", "c788b54002753498"),
        ("duplicate key: Key (dni)=(04812345) already exists.", "04812345"),
        ("call 982 123 456 today", "982 123 456"),
        ("sent to rosa.huaman@hato.example", "rosa.huaman"),
        ("Not Found: /ganaderos/?q=Condori", "Condori"),
        ("DETAIL:  Failing row contains (7, Elmer, Condori).", "Elmer"),
    ],
)
def test_a_log_line_holds_no_personal_data(said: str, hidden: str) -> None:
    assert hidden not in masked(said)


def test_a_log_line_keeps_what_an_operator_needs() -> None:
    line = "2026-11-24 14:13:11,331 INFO recomputed 1234 cells of 2026Q3 in 81.5 ms (task 6f1c-22)"
    assert masked(line) == line


def test_an_error_is_one_json_line_with_its_traceback_masked() -> None:
    try:
        raise ValueError("Key (dni)=(04812345) already exists")
    except ValueError:
        import sys

        record = logging.LogRecord("x", logging.ERROR, "f", 1, "failed", None, sys.exc_info())
    line = json.loads(JsonFormatter().format(record))
    assert line["level"] == "ERROR"
    assert "ValueError" in line["traceback"]
    assert "04812345" not in line["traceback"]
