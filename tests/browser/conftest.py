"""Fixtures of browser tests only: phones with the field app."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from ranchers.models import User
from tests.browser.phones import Phone
from tests.network import Network


@pytest.fixture
def phone_of(
    live_server: Any, browser: Browser, browser_context_args: dict
) -> Iterator[Callable[..., Phone]]:
    """`phone_of(technician)`: a phone, logged in, on a line of its own (`phone.network`)."""
    phones: list[Phone] = []

    def make(user: User, *, seed: int = 1, width: int = 360) -> Phone:
        network = Network(live_server.url, seed=seed)
        phones.append(Phone(browser, network, user, browser_context_args, width=width))
        return phones[-1]

    yield make
    for phone in phones:
        phone.context.close()
        phone.network.close()
    faults = [fault for phone in phones for fault in phone.faults]
    assert not faults, faults
