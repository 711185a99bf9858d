"""The definitions hold together, and the documentation is made from them."""

from django.core.management import call_command

from monitoring import indicators


def test_the_documentation_page_is_up_to_date() -> None:
    call_command("indicators", "--check")


def test_codes_are_unique_and_fit_their_column() -> None:
    codes = [one.code for one in indicators.INDICATORS]
    assert len(codes) == len(set(codes))
    assert max(map(len, codes)) <= 32


def test_every_scalar_has_both_halves() -> None:
    assert all(one.numerator and one.denominator for one in indicators.scalars())
    assert all(one.is_scalar for one in indicators.INDICATORS if one.spread)
