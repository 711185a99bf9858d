"""Smallest rows that the tests of practices stand on."""

from datetime import date
from itertools import count

from practices.models import Criterion, Practice, Principle
from ranchers.models import District, Plot, Rancher, Role, User

_numbers = count(1)


def make_district(ubigeo: str = "170302", name: str = "Iberia") -> District:
    district, _ = District.objects.get_or_create(
        ubigeo=ubigeo,
        defaults={
            "ubigeo_reniec": "16" + ubigeo[2:],
            "name": name,
            "province": "Tahuamanu",
            "department": "Madre de Dios",
        },
    )
    return district


def make_rancher(district: District | None = None, **fields: object) -> Rancher:
    fields = {"given_names": "Rosa", "surnames": f"Quispe {next(_numbers)}", **fields}
    return Rancher.objects.create(district=district or make_district(), **fields)


def make_plot(rancher: Rancher, name: str = "Fundo El Castañal") -> Plot:
    return Plot.objects.create(rancher=rancher, district=rancher.district, name=name)


def make_user(role: str, rancher: Rancher | None = None) -> User:
    email = None if role == Role.RANCHER else f"{role}{next(_numbers)}@example.org"
    if role == Role.RANCHER and rancher is None:
        rancher = make_rancher()
    return User.objects.create_user(
        email=email, password="un-secreto-largo", name=str(role), role=role, rancher=rancher
    )


def make_practice(code: str = "cercos-vivos", **fields: object) -> Practice:
    principle, _ = Principle.objects.get_or_create(code="suelo", defaults={"name_es": "Suelo"})
    criterion, _ = Criterion.objects.get_or_create(
        code="cobertura", defaults={"name_es": "Cobertura", "principle": principle}
    )
    defaults = {
        "id": 900 + next(_numbers),
        "name_es": "Cercos vivos",
        "name_en": "Live fences",
        "summary_es": "Árboles en el cerco.",
        "adopted_when_es": "Hay 100 m prendidos.",
        "evidence_es": "Foto.",
        "intensity_unit": "m",
        "intensity_max_basis": "perimeter_m",
        "criterion": criterion,
    }
    return Practice.objects.create(code=code, **{**defaults, **fields})


DAY = date(2022, 5, 10)
