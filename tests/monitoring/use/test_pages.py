"""The page of users beside others: who sees what, in which words, and how it is taken away as a file."""

import csv
import io

import pytest
from django.utils.timezone import now
from openpyxl import load_workbook

from monitoring.models import UseFigure, UseQuarter
from monitoring.quarters import label
from monitoring.use.seen import hidden_groups
from practices.models import Practice
from ranchers.models import Cohort, Role
from tests.monitoring.cells import make_cell
from tests.monitoring.use.ground import NOW, make_cohort
from tests.people import client_of
from tests.practices.factories import make_practice

pytestmark = pytest.mark.django_db
PAGE = "/tablero/con-y-sin/"
FILE = f"{PAGE}datos.csv"


@pytest.fixture
def ground():
    Practice.objects.all().delete()
    Cohort.objects.all().delete()
    practice = make_practice("rotacion", name_es="Rotación", moves_indicator="stocking_rate")
    return practice, make_cohort("piloto"), make_cohort("amp")


def figure(practice, cohort, group, value, *, n=40, half=0.1, indicator="stocking_rate", quarter=NOW):  # fmt: skip
    UseFigure.objects.create(
        practice=practice, cohort=cohort, indicator=indicator, quarter=quarter, group=group, n=n,
        value=value, low=None if value is None else value - half,
        high=None if value is None else value + half, method="bootstrap",
    )  # fmt: skip
    UseQuarter.objects.update_or_create(
        quarter=quarter, defaults={"stamp": "x", "computed_at": now()}
    )


def text_of(role, query=""):
    return client_of(role).get(f"{PAGE}{query}").content.decode()


def test_a_clear_difference_is_told_with_its_interval_and_not_as_a_cause(ground):
    practice, _pilot, scale_up = ground
    figure(practice, scale_up, "with", 1.8)
    figure(practice, scale_up, "without", 1.2)
    figure(practice, scale_up, "unknown", None, n=17)
    text = text_of(Role.MINISTRY)
    assert "1,80 UA/ha con ella, 1,20 UA/ha sin ella" in text
    assert "mayor que sin ella en 0,60 UA/ha (de 0,46 a 0,74)" in text
    assert "no se conoce su etapa: 17" in text
    assert "no prueba que la práctica sea la causa" in text


def test_a_difference_that_covers_none_is_never_told_as_one(ground):
    practice, _pilot, scale_up = ground
    for groups in (("with", "without"), ("adopters", "others")):
        for group, value in zip(groups, (1.25, 1.2), strict=True):
            figure(practice, scale_up, group, value)
    text = text_of(Role.COORDINATOR)
    assert text.count("puede ser cero.") == 2
    for word in ("mayor que", "menor que", "supera", "por debajo"):
        assert word not in text


def test_the_change_of_adopters_stands_beside_that_of_the_others(ground):
    practice, _pilot, scale_up = ground
    figure(practice, scale_up, "adopters", -0.5)
    figure(practice, scale_up, "others", 0.1)
    text = text_of(Role.MINISTRY)
    assert "cambió en -0,50 UA/ha; en los predios sin ella, en 0,10 UA/ha" in text
    assert "por debajo del de los predios que no habían adoptado en 0,60 UA/ha" in text


def test_a_small_group_goes_with_its_other_group_and_all_cohorts(ground):
    practice, pilot, scale_up = ground
    for cohort, n in ((pilot, 3), (scale_up, 30), (None, 33)):
        figure(practice, cohort, "with", 1.11 + n, n=n)
        figure(practice, cohort, "without", 2.22 + n, n=n + 10)
    figure(practice, pilot, "adopters", 0.77, n=8)
    figure(practice, pilot, "others", 0.55, n=2)
    seen = {role: client_of(role).get(FILE).content.decode("utf-8-sig") for role in (Role.MINISTRY, Role.COORDINATOR)}  # fmt: skip
    for value in ("4.11", "5.22", "34.11", "35.22", "0.77", "0.55"):
        assert value in seen[Role.COORDINATOR]
        assert value not in seen[Role.MINISTRY]
    assert "31.11" in seen[Role.MINISTRY], "of the large cohort all is shown"
    assert "32.22" in seen[Role.MINISTRY]
    page = text_of(Role.MINISTRY, "?cohorte=piloto")
    assert "son muy pocos predios para decirlo" in page
    assert "&lt; 5" in page
    assert "4,11" not in page


def test_few_whose_stage_is_not_known_hide_what_would_leave_them_over():
    """All = with + without + not known, and what all of them have is on other pages."""
    hidden = hidden_groups({(7, "with"): 40, (7, "without"): 9, (7, "unknown"): 2})
    assert {(7, "with"), (7, "without"), (7, "unknown")} <= hidden
    assert not hidden_groups({(7, "with"): 40, (7, "without"): 9, (7, "unknown"): 6})
    assert not hidden_groups({(7, "with"): 40, (7, "without"): 9})


def test_as_of_a_past_quarter_shows_that_quarter_and_one_not_made_says_so(ground):
    practice, _pilot, scale_up = ground
    for quarter in (NOW - 2, NOW - 1, NOW):
        make_cell("active_share", value=40, quarter=quarter, cohort=scale_up)
    figure(practice, scale_up, "with", 1.8)
    figure(practice, scale_up, "with", 1.3, quarter=NOW - 1)
    assert "1,30" in text_of(Role.MINISTRY, f"?hasta={label(NOW - 1)}")
    assert "todavía no están hechas" in text_of(Role.MINISTRY, f"?hasta={label(NOW - 2)}")


@pytest.mark.parametrize("bad", ["practica=nada", "indicador=active_share", "cohorte=x", "hasta=ayer"])  # fmt: skip
def test_a_choice_that_makes_no_sense_is_refused(ground, bad):
    client = client_of(Role.MINISTRY)
    for path in (PAGE, FILE):
        response = client.get(f"{path}?{bad}")
        assert response.status_code == 400
        assert "no es" in response.content.decode() or "válid" in response.content.decode()


def test_no_slice_but_the_cohort_can_be_asked_for(ground):
    practice, _pilot, scale_up = ground
    figure(practice, scale_up, "with", 1.8)
    text = text_of(Role.MINISTRY, "?sexo=f&distrito=170302")
    assert 'name="sexo"' not in text
    assert "1,80" in text


def test_both_kinds_of_file_say_the_same(ground):
    practice, _pilot, scale_up = ground
    figure(practice, scale_up, "with", 1.75, half=0.25)
    figure(practice, scale_up, "without", 1.25, half=0.25)
    client = client_of(Role.MINISTRY)
    rows = list(csv.reader(io.StringIO(client.get(FILE).content.decode("utf-8-sig"))))
    book = load_workbook(io.BytesIO(client.get(f"{PAGE}datos.xlsx").content))
    sheet = [[str(c) if c is not None else "" for c in r] for r in book.worksheets[0].values]
    numbers = slice(9, 12)
    assert [row[:9] + row[12:] for row in rows] == [row[:9] + row[12:] for row in sheet]
    for row, other in zip(rows[1:], sheet[1:], strict=True):
        assert [float(x) for x in row[numbers]] == pytest.approx([float(x) for x in other[numbers]])
    assert [row[8] for row in rows[1:]] == ["Con la práctica", "Sin ella", "diferencia"]
    assert float(rows[3][9]) == 0.5


def test_the_file_of_a_hidden_group_does_not_say_by_its_method_that_it_is_of_one_rancher(ground):
    practice, pilot, _scale_up = ground
    figure(practice, pilot, "with", 1.8, n=1)
    figure(practice, pilot, "without", 1.2, n=9)
    UseFigure.objects.filter(n=1).update(method="none")
    content = client_of(Role.MINISTRY).get(FILE).content.decode("utf-8-sig")
    methods = {row[9]: row[13] for row in csv.reader(io.StringIO(content)) if row[3] != "cohorte"}
    assert methods == {"< 5": "", "reservado": ""}


def test_the_page_is_kept_until_its_quarter_is_made_again(ground):
    practice, _pilot, scale_up = ground
    figure(practice, scale_up, "with", 1.8)
    client = client_of(Role.MINISTRY)
    first = client.get(f"{PAGE}vivo/")
    again = client.get(f"{PAGE}vivo/", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    UseFigure.objects.update(value=9.87)
    UseQuarter.objects.update(computed_at=now())
    changed = client.get(f"{PAGE}vivo/", headers={"if-none-match": first["ETag"]})
    assert "9,87" in changed.content.decode()


@pytest.mark.parametrize("role", [Role.MINISTRY, Role.COORDINATOR])
def test_a_page_takes_few_queries_however_many_practices_there_are(
    role, ground, django_assert_max_num_queries
):
    practice, _pilot, scale_up = ground
    for number in range(12):
        other = make_practice(f"otra-{number}")
        figure(other, scale_up, "with", 1.8)
        figure(other, scale_up, "without", 1.2)
    client = client_of(role)
    with django_assert_max_num_queries(12):
        client.get(PAGE)
