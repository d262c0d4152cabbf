"""The table that ships, and how it is made."""

from __future__ import annotations

import io
import json
import re
from zipfile import ZipFile

import msgspec
import pytest

from console.prices.table import TABLE, date_of, dates, on_demand
from tests import pricetable


@pytest.mark.parametrize(
    ("place", "type", "platform", "millionths"),
    [
        ("us-east-1", "m5.large", "linux", 96_000),
        ("eu-west-1", "m5.large", "linux", 107_000),
        ("eu-west-1", "m5.large", "", 107_000),
        ("eu-west-1", "m5.large", "windows", 199_000),
        ("us-west-2-lax-1", "t3.medium", "linux", 49_900),
        ("us-gov-west-1", "m5.large", "linux", 121_000),
        ("us-east-1", "p5.48xlarge", "linux", 55_040_000),
        # Repriced since the older collection, whose price of it is therefore not used.
        ("us-west-2", "p5.48xlarge", "linux", None),
        # In yuan.
        ("cn-north-1", "m5.large", "linux", None),
        ("eu-west-1", "m99.large", "linux", None),
        ("us-east-1", "c8g.large", "windows", None),
        ("", "", "", None),
    ],
)
def test_a_price_is_the_listed_one_or_unknown(
    place: str, type: str, platform: str, millionths: int | None
) -> None:
    assert on_demand(place, type, platform) == millionths


def test_every_place_says_of_when_its_prices_are() -> None:
    assert date_of("nowhere") == ""
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", day) for day in (date_of("eu-west-1"), *dates()))
    assert dates()[0] == date_of("eu-west-1") < date_of("us-east-1") <= dates()[1]


def test_it_is_small_enough_to_ship() -> None:
    assert TABLE.stat().st_size < 200_000


def _archive(**files: str) -> ZipFile:
    archive = ZipFile(io.BytesIO(), "w")
    for name, text in files.items():
        archive.writestr(name, text)
    return archive


def test_the_collection_of_all_regions_is_read() -> None:
    pricing = {
        "eu-west-1": {"linux": {"ondemand": "0.1070"}, "mswin": {"ondemand": "0.199"}, "ebs": "0.01"},
        "eu-west-2": {"linux": {"spot_max": "0.1"}},
        "us-east-1-wl1-bos1": {"linux": {"ondemand": "0.2"}},
    }
    text = json.dumps([{"instance_type": "m5.large", "pricing": pricing}])
    archive = _archive(**{"m@v/data/instances.json": text, "m@v/data/rds-instances.json": "[]"})
    assert pricetable.read_all_regions(archive, "2025-05-28") == {
        "eu-west-1": ("2025-05-28", {"m5.large": (107_000, 199_000)})
    }


GENERATED = """
// generated at 2026-07-20T13:44:30Z for us-east-1
var Prices = map[string]map[T]float64{
\t// us-east-1
\t"us-east-1": {
\t\t// m5 family
\t\t"m5.large": 0.096000, "m7i-flex.large": 0.095760,
\t},
\t"us-east-9": {
\t\t"m5.large": 1.000001,
\t},
}
"""


def test_the_generated_tables_are_read_without_china_s() -> None:
    archive = _archive(
        **{"m@v/p/zz_generated.pricing_aws.go": GENERATED, "m@v/p/zz_generated.pricing_aws_cn.go": GENERATED}
    )
    assert pricetable.read_few_regions(archive) == {
        "us-east-1": ("2026-07-20", {"m5.large": (96_000, 0), "m7i-flex.large": (95_760, 0)}),
        "us-east-9": ("2026-07-20", {"m5.large": (1_000_001, 0)}),
    }


def test_the_newer_price_wins_and_an_outdated_one_is_dropped_everywhere() -> None:
    older: pricetable.Places = {
        "us-east-1": ("2025-05-28", {"p5.48xlarge": (98, 99), "m5.large": (96, 188), "old.large": (1, 0)}),
        "us-west-2": ("2025-05-28", {"p5.48xlarge": (98, 99), "m5.large": (96, 188)}),
    }
    newer: pricetable.Places = {"us-east-1": ("2026-07-20", {"p5.48xlarge": (55, 0), "m5.large": (96, 0)})}
    assert pricetable.merge(older, newer) == {
        "us-east-1": ("2026-07-20", {"p5.48xlarge": (55, 0), "m5.large": (96, 188)}),
        "us-west-2": ("2025-05-28", {"m5.large": (96, 188)}),
    }


def test_a_place_is_packed_apart() -> None:
    packed = msgspec.msgpack.decode(
        pricetable.pack({"b": ("2026-01-01", {"m5.large": (1, 2)}), "a": ("2025-01-01", {})})
    )
    assert list(packed) == ["a", "b"]
    assert packed["b"][0] == "2026-01-01"
