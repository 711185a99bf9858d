from django.test import override_settings
from django.urls import path

from ranchers.models import Role
from ranchers.navigation import MENUS, Entry, menu

urlpatterns = [
    path("uno/", lambda request: None, name="one"),
    path("uno/dos/", lambda request: None, name="two"),
]
ENTRIES = (Entry("One", "one", "home"), Entry("Two", "two", "map"), Entry("Gone", "gone", "leaf"))


@override_settings(ROOT_URLCONF=__name__)
def test_an_entry_without_a_page_is_left_out(monkeypatch):
    monkeypatch.setattr("ranchers.navigation.MENUS", {"technician": ENTRIES})
    assert [item.url for item in menu(role="technician", path="/")] == ["/uno/", "/uno/dos/"]


@override_settings(ROOT_URLCONF=__name__)
def test_only_the_closest_entry_is_current(monkeypatch):
    monkeypatch.setattr("ranchers.navigation.MENUS", {"technician": ENTRIES})
    current = [
        item.label for item in menu(role="technician", path="/uno/dos/tres/") if item.is_current
    ]
    assert current == ["Two"]


def test_every_role_has_a_menu_and_nobody_has_none():
    assert set(MENUS) == set(Role.values)
    assert menu(role="", path="/") == []
