"""Invented people: names, DNI and telephones that belong to nobody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitoring.demo import parameters as p

WOMEN = [
    "María",
    "Rosa",
    "Carmen",
    "Julia",
    "Luz",
    "Ana",
    "Elena",
    "Nélida",
    "Flor",
    "Gladys",
    "Yolanda",
    "Marleni",
    "Norma",
    "Silvia",
    "Teresa",
    "Victoria",
    "Juana",
    "Lidia",
    "Sonia",
    "Elvira",
    "Hilda",
    "Rocío",
    "Milagros",
    "Doris",
    "Nancy",
    "Betty",
    "Edith",
]
MEN = [
    "José",
    "Luis",
    "Juan",
    "Carlos",
    "Julio",
    "Pedro",
    "Víctor",
    "Jorge",
    "Manuel",
    "Walter",
    "Percy",
    "Wilson",
    "Edwin",
    "Rolando",
    "Ángel",
    "Mario",
    "Hugo",
    "Félix",
    "Fredy",
    "Richard",
    "Rubén",
    "Alejandro",
    "Segundo",
    "Abel",
    "Máximo",
    "Elmer",
    "Nilton",
]
SURNAMES = [
    "Quispe",
    "Mamani",
    "Huamán",
    "Flores",
    "Condori",
    "Ccori",
    "Puma",
    "Apaza",
    "Choque",
    "Torres",
    "Ramírez",
    "Vásquez",
    "Pizango",
    "Shapiama",
    "Cardozo",
    "Da_Silva",
    "Souza",
    "Ríos",
    "Gonzales",
    "Chávez",
    "Cárdenas",
    "Álvarez",
    "Salazar",
    "Rojas",
    "Vargas",
    "Pinedo",
    "Tello",
    "Macedo",
    "Saavedra",
    "Paredes",
    "Cahuana",
    "Ttito",
    "Yupanqui",
    "Huillca",
    "Inuma",
    "Tapullima",
    "Sánchez",
]
COMMUNITIES = (
    ("Iñapari", "Villa Primavera", "Nueva Esperanza", "Noaya", "Bélgica"),
    ("Iberia", "Flor de Acre", "Pacahuara", "Oceanía", "Chilina"),
    ("San Lorenzo", "La Novia", "Alerta", "Shiringayoc", "Abeja"),
)
ASSOCIATIONS = (
    "Asociación de Ganaderos de Iñapari (sintética)",
    "Asociación Ganadera de Iberia (sintética)",
    "Asociación de Productores de San Lorenzo (sintética)",
)


@dataclass(frozen=True)
class People:
    """One column per field of `Rancher`; `district` is an index into `parameters.DISTRICTS`."""

    given_names: list[str]
    surnames: list[str]
    dni: list[str]
    phone: list[str]
    sex: NDArray[np.str_]
    birth_year: NDArray[np.int64]
    community: list[str]
    district: NDArray[np.int64]
    association: list[str]

    @property
    def women(self) -> NDArray[np.bool_]:
        return self.sex == "f"


def people(*, first: int, count: int, rng: np.random.Generator) -> People:
    """`count` invented people whose running numbers begin at `first`.

    A DNI begins with 99, which RENIEC has not reached; telephones are of one block, +51 900
    and the running number. Raises ValueError beyond a million people.
    """
    if first + count > 1_000_000:
        raise ValueError("the synthetic DNI block holds a million people")
    numbers = np.arange(first, first + count)
    district = rng.choice(3, size=count, p=p.DISTRICT_SHARE)
    women = rng.random(count) < p.SHARE_OF_WOMEN
    sex = np.where(women, "f", "m")
    sex[rng.random(count) < 0.01] = ""
    member = rng.random(count) < 0.6
    has_phone = rng.random(count) < 0.85
    place = rng.integers(0, 5, size=count)
    return People(
        given_names=_given_names(women, rng),
        surnames=_two(SURNAMES, count, rng),
        dni=[f"99{number:06d}" for number in numbers],
        phone=[
            f"+51900{number:06d}" if has else ""
            for number, has in zip(numbers, has_phone, strict=True)
        ],
        sex=sex,
        birth_year=rng.integers(1950, 2000, size=count),
        community=[COMMUNITIES[d][c] for d, c in zip(district, place, strict=True)],
        district=district,
        association=[
            ASSOCIATIONS[d] if is_member else ""
            for d, is_member in zip(district, member, strict=True)
        ],
    )


def _given_names(women: NDArray[np.bool_], rng: np.random.Generator) -> list[str]:
    hers, his = _two(WOMEN, len(women), rng), _two(MEN, len(women), rng)
    return [her if woman else him for her, him, woman in zip(hers, his, women, strict=True)]


def _two(names: list[str], count: int, rng: np.random.Generator) -> list[str]:
    first = rng.integers(0, len(names), size=count)
    second = (first + rng.integers(1, len(names), size=count)) % len(names)
    words = [name.replace("_", " ") for name in names]
    return [f"{words[a]} {words[b]}" for a, b in zip(first, second, strict=True)]
