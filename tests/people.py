"""People for tests: one of each role, each with something of their own."""

from __future__ import annotations

import itertools
from typing import Any

from django.test import Client

from ranchers.models import District, Rancher, Role, User

_numbers = itertools.count(1)


def district(ubigeo: str = "170302", name: str = "Iberia") -> District:
    found, _made = District.objects.get_or_create(
        ubigeo=ubigeo,
        defaults={
            "ubigeo_reniec": f"16{ubigeo[2:]}",
            "name": name,
            "province": "Tahuamanu",
            "department": "Madre de Dios",
        },
    )
    return found


def other_district() -> District:
    return district("170301", "Iñapari")


def staff(role: Role, *, password: str = "una-clave-larga-9", **fields: Any) -> User:
    number = next(_numbers)
    fields.setdefault("email", f"{role}{number}@example.org")
    fields.setdefault("name", f"{role.label} {number}")
    return User.objects.create_user(password=password, role=role, **fields)


def client_of(role: Role, *, language: str = "es") -> Client:
    """The browser of somebody new of this role, logged in."""
    client = Client(headers={"accept-language": language})
    client.force_login(staff(role), backend="django.contrib.auth.backends.ModelBackend")
    return client


def technician(*districts: District, **fields: Any) -> User:
    user = staff(Role.TECHNICIAN, **fields)
    user.districts.set(districts)
    return user


def rancher(**fields: Any) -> Rancher:
    number = next(_numbers)
    fields.setdefault("given_names", f"Nombre{number}")
    fields.setdefault("surnames", f"Apellido{number}")
    fields.setdefault("dni", f"{40_000_000 + number}")
    fields.setdefault("phone", f"+5198{number:07d}")
    if "district" not in fields:
        fields["district"] = district()
    return Rancher.objects.create(**fields)


def rancher_user(of: Rancher) -> User:
    return User.objects.create_user(name=of.full_name, role=Role.RANCHER, rancher=of)
