"""The full recompute shared out among connections, and statements that a connection keeps."""

import math
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils.timezone import now

from monitoring import coefficients, rebuild, recompute
from monitoring.models import Cell, RancherFact, SpreadBin
from ranchers.models import Rancher
from tests.monitoring.test_incremental_equals_full import everything
from tests.monitoring.test_recompute import QUARTER, cell, log_visit, make_member
from tests.practices.factories import make_practice


@pytest.fixture
def shared_out(transactional_db: None, settings: Any) -> list[Rancher]:
    """Seven ranchers with visits, recomputed one by one; a full recompute takes three connections."""
    settings.RECOMPUTE_SHARED_FROM, settings.RECOMPUTE_CONNECTIONS = 1, 3
    coefficients.load_defaults()
    practice = make_practice(intensity_unit="ha", intensity_max_basis="pasture_ha")
    ranchers = [make_member("active" if number % 2 else "supported") for number in range(7)]
    for number, rancher in enumerate(ranchers):
        log_visit(
            *(rancher, date(2025, 11, 1 + number), [(practice, "adopted", number)]),
            **{
                "cows": 10 + number,
                "pasture_ha": 20,
                "cows_in_milk": 3,
                "milk_l_per_day": 9 + number,
            },
        )
        recompute.recompute_dirty()
    return ranchers


def indexes() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select tablename, indexname, indexdef from pg_indexes"
            " where tablename like 'monitoring_%fact' order by 1, 2"
        )
        return list(cursor.fetchall())


def test_a_shared_recompute_gives_what_the_increments_gave(shared_out: list[Rancher]) -> None:
    before, indexed = everything(), indexes()
    report = recompute.full_recompute()
    assert (report.differences, report.ranchers) == (0, 7)
    recompute.recompute_all()
    assert everything() == before
    assert indexes() == indexed
    with connection.cursor() as cursor:
        cursor.execute("select to_regnamespace('recompute')")
        assert cursor.fetchone() == (None,)


def test_a_visit_after_the_tables_were_swapped_is_recomputed(shared_out: list[Rancher]) -> None:
    recompute.recompute_all()
    log_visit(shared_out[0], date(2025, 12, 1), cows=40, pasture_ha=20)
    assert recompute.recompute_dirty() == 1
    assert cell("stocking_rate").numerator == sum(range(11, 17)) * 100 + 40 * 100
    assert recompute.full_recompute().differences == 0


def test_a_shared_check_mends_facts_cells_and_bins(shared_out: list[Rancher]) -> None:
    before = everything()
    RancherFact.objects.filter(rancher=shared_out[3], quarter=QUARTER).delete()
    Cell.objects.filter(pk=cell("milk_per_cow").pk).delete()
    SpreadBin.objects.filter(indicator="stocking_rate", quarter=QUARTER).update(ranchers=99)
    report = recompute.full_recompute()
    assert {"fact": "rancher_fact", "rancher": str(shared_out[3].pk)} in report.examples
    assert report.differences > 3
    assert everything() == before


def test_a_full_recompute_that_dies_on_one_connection_leaves_the_old_figures(
    shared_out: list[Rancher], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything()
    log_visit(shared_out[0], date(2025, 12, 1), cows=40, pasture_ha=20)
    compare = rebuild._compare_sql

    def fail_on_the_last(fact: str, mine: str) -> str:
        return compare(fact, mine) if " 7" not in mine else "select 1 / 0"

    with monkeypatch.context() as patch, pytest.raises(Exception, match="division by zero"):
        patch.setattr(rebuild, "_compare_sql", fail_on_the_last)
        rebuild.check(started_at=now())
    assert everything() == before
    assert recompute.recompute_dirty() == 1
    assert recompute.full_recompute().differences == 0


def test_a_write_during_a_full_recompute_keeps_its_mark(
    shared_out: list[Rancher], monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = rebuild.Rebuild._settle

    def write_meanwhile(self: rebuild.Rebuild, cursor: Any) -> None:
        def write() -> None:
            with transaction.atomic():
                log_visit(shared_out[0], date(2025, 12, 1), cows=40, pasture_ha=20)

        with rebuild._connections(alone=False) as run_each:
            run_each([write])
        settle(self, cursor)

    with monkeypatch.context() as patch:
        patch.setattr(rebuild.Rebuild, "_settle", write_meanwhile)
        recompute.recompute_all()
    assert cell("stocking_rate").numerator == sum(range(10, 17)) * 100
    assert recompute.recompute_dirty() == 1
    assert cell("stocking_rate").numerator == sum(range(11, 17)) * 100 + 40 * 100


def test_a_migration_during_a_full_recompute_is_not_undone(
    shared_out: list[Rancher], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything()
    settle = rebuild.Rebuild._settle

    def alter(what: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"alter table monitoring_survivalfact {what}")

    def migrate_meanwhile(self: rebuild.Rebuild, cursor: Any) -> None:
        with rebuild._connections(alone=False) as run_each:
            run_each([lambda: alter("add column migrated int")])
        settle(self, cursor)

    with monkeypatch.context() as patch, pytest.raises(rebuild.TableChanged):
        patch.setattr(rebuild.Rebuild, "_settle", migrate_meanwhile)
        recompute.recompute_all()
    alter("drop column migrated")
    assert everything() == before


def test_the_histogram_holds_each_ranchers_value(db: None) -> None:
    coefficients.load_defaults()
    for cows in (10, 30, 0):
        log_visit(make_member(), date(2025, 11, 5), cows=cows, pasture_ha=20)
    recompute.recompute_dirty()
    bins = SpreadBin.objects.filter(indicator="stocking_rate", quarter=QUARTER, cohort=None)
    expected = [-32768, *(math.floor(math.log(one) / math.log(1.01)) for one in (0.5, 1.5))]
    assert list(bins.order_by("bin").values_list("bin", "ranchers")) == [(b, 1) for b in expected]


def test_a_batch_runs_on_a_connection_whose_tables_a_rollback_took(db: None) -> None:
    rancher = make_member()
    log_visit(rancher, date(2025, 11, 5), cows=10, pasture_ha=10)
    with transaction.atomic():
        recompute.recompute_dirty()
        transaction.set_rollback(True)
    assert recompute.recompute_dirty() == 1
    assert cell("stocking_rate").value == 1
    log_visit(rancher, date(2025, 11, 6), cows=20, pasture_ha=10)
    assert recompute.recompute_dirty() == 1
    assert cell("stocking_rate").value == 2
