"""Who can log in to the synthetic programme: staff, and three ranchers with a card and a PIN."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db.models import Count

from monitoring.demo import parameters as p
from ranchers.cards import hashed, issue_card
from ranchers.models import AccessCard, District, Rancher, Role, User

PASSWORD = "hato-demo-2026"  # noqa: S105 - opens synthetic data only; printed by `demo --logins`
PIN = "2468"
RANCHERS_PER_TECHNICIAN = 300  # beyond the three of the small programme (assumed)
CARD_HOLDERS = 3

COORDINATOR = ("coordinacion@hato.example", "Rosa Huamán Tello", Role.COORDINATOR)
MINISTRY = (
    ("ministerio@hato.example", "Carlos Salazar Ríos", Role.MINISTRY),
    ("ministerio.region@hato.example", "Norma Cárdenas Puma", Role.MINISTRY),
)
TECHNICIANS = (
    ("tecnica.inapari@hato.example", "Milagros Quispe Cardozo"),
    ("tecnico.iberia@hato.example", "Edwin Pizango Flores"),
    ("tecnica.sanlorenzo@hato.example", "Flor Mamani Saavedra"),
)


@dataclass(frozen=True)
class Login:
    """One way in: e-mail and password, or the address on a card and its PIN."""

    who: str
    role: str
    address: str
    secret: str


def hire(*, ranchers: int) -> tuple[User, list[tuple[User, int]]]:
    """(coordinator, technicians with the index of their district); the ministry's users too.

    The small programme has one technician a district, who sees all of it; a big one has one for
    every `RANCHERS_PER_TECHNICIAN` ranchers, who see their own.
    """
    hashed = make_password(PASSWORD)
    email, name, role = COORDINATOR
    coordinator = User.objects.create(email=email, name=name, role=role, password=hashed)
    for email, name, role in MINISTRY:
        User.objects.create(email=email, name=name, role=role, password=hashed)
    technicians: list[tuple[User, int]] = []
    for index, (email, name) in enumerate(TECHNICIANS):
        user = User.objects.create(
            email=email,
            name=name,
            role=Role.TECHNICIAN,
            password=hashed,
            phone=f"+5190099000{index}",
        )
        technicians.append((user, index))
    more = max(ranchers // RANCHERS_PER_TECHNICIAN - len(TECHNICIANS), 0)
    extra = [
        User(
            email=f"tecnico{number:04d}@hato.example",
            name=f"Técnico {number:04d} (sintético)",
            role=Role.TECHNICIAN,
            password=hashed,
        )
        for number in range(more)
    ]
    technicians += [(user, n % 3) for n, user in enumerate(User.objects.bulk_create(extra))]
    if not more:
        for user, index in technicians:
            user.districts.add(District.objects.get(ubigeo=p.DISTRICTS[index]))
    return coordinator, technicians


def hand_out_cards(*, issued_by: User) -> list[Rancher]:
    """Cards and PINs for one pilot and two active scale-up ranchers who are visited."""
    holders = _card_holders()
    for number, rancher in enumerate(holders):
        issue_card(rancher=rancher, issued_by=issued_by, pin=PIN)
        AccessCard.objects.filter(rancher=rancher).update(token_hash=hashed(card_token(number)))
    return holders


def card_token(number: int) -> str:
    """What the QR code of the demo's card `number` holds: fixed, so that it can be printed again."""
    return sha256(f"hato-demo-card-{number}".encode()).hexdigest()[:32]


def logins() -> Iterator[Login]:
    """Every log-in of the synthetic programme; the caller has made sure that it is synthetic."""
    for user in User.objects.filter(email__in=_emails()).order_by("id"):
        yield Login(user.name, user.get_role_display(), str(user.email), PASSWORD)
    hashes = {hashed(card_token(number)): number for number in range(CARD_HOLDERS)}
    cards = AccessCard.objects.filter(token_hash__in=hashes, revoked_at=None)
    for card in cards.select_related("rancher").order_by("issued_at"):
        url = f"{settings.SITE_URL}/entrar/{card_token(hashes[card.token_hash])}/"
        yield Login(card.rancher.full_name, str(Role.RANCHER.label), url, PIN)


def _emails() -> list[str]:
    return [COORDINATOR[0], *(row[0] for row in MINISTRY), *(row[0] for row in TECHNICIANS)]


def _card_holders() -> list[Rancher]:
    visited = (
        Rancher.objects.exclude(dni__contains=PIN).annotate(n=Count("visits")).order_by("-n", "id")
    )
    pilot = visited.filter(enrolments__cohort__phase="pilot")[:1]
    scale_up = visited.filter(
        enrolments__cohort__phase="scale_up", enrolments__statuses__status="active"
    )
    women, men = scale_up.filter(sex="f")[:1], scale_up.filter(sex="m")[:1]
    return [*pilot, *women, *men]
