"""docs/prices.md and help say of when the prices are."""

from pathlib import Path

from console.prices.table import date_of, dates
from console.views.costs import price_words
from tests.pricetable import ALL_REGIONS, FEW_REGIONS

PAGE = (Path(__file__).parents[2] / "docs" / "prices.md").read_text("utf-8")


def test_the_page_has_the_dates_and_the_collections() -> None:
    for day in (*dates(), date_of("us-east-1"), date_of("eu-west-1")):
        assert day in PAGE
    for module in (ALL_REGIONS, FEW_REGIONS):
        assert f"`{module.partition('@')[0]}`" in PAGE


def test_help_has_the_dates() -> None:
    told = " ".join(text for _, text in price_words())
    assert all(day in told for day in dates())
