"""Time to adoption: a curve per cohort from the counts by month."""

import pytest
from django.utils import translation

from monitoring.adoption_curves import adoption_figure, curves
from monitoring.dashboards import Readings, Slice
from monitoring.figures import Board
from monitoring.models import SurvivalPoint
from monitoring.quarters import current_quarter
from ranchers.models import Cohort
from tests.practices.factories import make_practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def cohort():
    return Cohort.objects.create(
        code="piloto-x", name="Piloto", phase="pilot", starts_on="2018-01-01"
    )


def point(cohort, practice, month, adopted, censored):
    SurvivalPoint.objects.create(
        cohort=cohort, practice=practice, month=month, adopted=adopted, censored=censored
    )


def figure(cohort, practice, found, *, as_of=8107):
    board = Board(Readings(), [cohort], Slice(as_of=as_of, since=8000))
    with translation.override("es"):
        return adoption_figure(board, practice, found=found)


def test_a_practices_counts_correct_the_base_of_all_practices(cohort):
    practice = make_practice()
    point(cohort, None, 24, 0, 10)  # ten watched for 24 months
    point(cohort, practice, 6, 5, 0)
    point(cohort, practice, 24, 0, -5)
    (curve,) = curves(practice, cohorts=[cohort], sees_small_cells=True, as_of=current_quarter())
    assert curve.at_risk == 10
    assert [(step.month, step.share) for step in curve.steps] == [(6, 0.5)]
    assert curve.median == 6
    assert "la mitad de Piloto en 6 meses" in figure(cohort, practice, [curve]).title


def test_less_than_half_has_no_median_and_says_so(cohort):
    practice = make_practice()
    point(cohort, None, 24, 0, 10)
    point(cohort, practice, 6, 2, 0)
    point(cohort, practice, 24, 0, -2)
    found = curves(practice, cohorts=[cohort], sees_small_cells=True, as_of=current_quarter())
    assert "aún menos de la mitad de Piloto" in figure(cohort, practice, found).title


def test_a_curve_of_fewer_than_five_is_not_drawn_for_the_ministry(cohort):
    practice = make_practice()
    point(cohort, None, 24, 0, 4)
    point(cohort, practice, 6, 2, 0)
    point(cohort, practice, 24, 0, -2)
    (hidden,) = curves(practice, cohorts=[cohort], sees_small_cells=False, as_of=current_quarter())
    (shown,) = curves(practice, cohorts=[cohort], sees_small_cells=True, as_of=current_quarter())
    assert (hidden.steps, hidden.at_risk) == ([], 0)
    assert shown.steps


def test_one_query_for_all_cohorts(cohort, django_assert_num_queries):
    practice = make_practice()
    with django_assert_num_queries(1):
        curves(practice, cohorts=[cohort], sees_small_cells=True, as_of=current_quarter())


def test_the_figure_says_of_when_it_is(cohort):
    practice = make_practice()
    point(cohort, practice, 6, 5, 0)
    now = current_quarter()
    found = curves(practice, cohorts=[cohort], sees_small_cells=True, as_of=now)
    assert "hasta 2025-T4" in figure(cohort, practice, found, as_of=8103).subtitle
    assert "hoy" in figure(cohort, practice, found, as_of=now).subtitle
