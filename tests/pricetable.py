"""Makes the table of prices that ships with the program: `make prices`.

The facts come from two public collections of AWS's own price lists, both published as Go modules, so that a
package proxy and the `go` command are all it takes. Facts only: nothing of their code or text is copied.

- github.com/cristim/ec2-instances-info (data under the MIT licence, from ec2instances.info): every region
  and local zone, Linux and Windows.
- github.com/aws/karpenter-provider-aws (Apache-2.0), the tables it generates: us-east-1 and the two
  GovCloud regions, Linux, newer. China's prices are in yuan and left out.

Where both know a region, the newer wins. A type whose price the newer one changed in any region is left out
of the others, and its Windows price everywhere: there the old price is probably wrong, and unknown is better.

To renew it, raise the versions below.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Mapping
from typing import Any
from zipfile import ZipFile

import msgspec

from console.prices.table import TABLE, Prices

ALL_REGIONS = "github.com/cristim/ec2-instances-info@v0.0.0-20250528091325-32acf84f42eb"
FEW_REGIONS = "github.com/aws/karpenter-provider-aws@v1.15.2"
_FEW_FILES = ("aws", "aws_us_gov")

Places = dict[str, tuple[str, Prices]]
"""Region or local zone → the day of its prices, and the prices."""

_WAVELENGTH = re.compile(r"-wl\d")
"""Wavelength zones: named otherwise here than in their zones' names."""
_REGION = re.compile(r'^\t"([a-z0-9-]+)": \{(.*?)^\t\}', re.MULTILINE | re.DOTALL)
_PRICE = re.compile(r'"([\w.-]+)": (\d+\.\d+)')
_GENERATED = re.compile(r"// generated at (\d{4}-\d\d-\d\d)T")


def main() -> None:
    """Fetch both collections, merge them and write the table."""
    older = read_all_regions(_module(ALL_REGIONS), _day_in_version(ALL_REGIONS))
    newer = read_few_regions(_module(FEW_REGIONS))
    places = merge(older, newer)
    TABLE.write_bytes(pack(places))
    count = sum(len(prices) for _, prices in places.values())
    sys.stdout.write(f"{count:,} prices of {len(places)} places, {TABLE.stat().st_size:,} bytes\n")


def read_all_regions(archive: ZipFile, day: str) -> Places:
    """The collection that is one JSON file: types, each with its prices by region and system."""
    [name] = [name for name in archive.namelist() if name.endswith("/data/instances.json")]
    places: Places = {}
    for entry in json.loads(archive.read(name)):
        for place, systems in entry["pricing"].items():
            prices = (_hourly(systems, "linux"), _hourly(systems, "mswin"))
            if any(prices) and not _WAVELENGTH.search(place):
                places.setdefault(place, (day, {}))[1][entry["instance_type"]] = prices
    return places


def read_few_regions(archive: ZipFile) -> Places:
    """The collection that is generated Go: a map literal for each region, Linux only."""
    places: Places = {}
    for name in archive.namelist():
        if name.endswith(tuple(f"/zz_generated.pricing_{part}.go" for part in _FEW_FILES)):
            text = archive.read(name).decode()
            day = _GENERATED.search(text)
            for region, body in _REGION.findall(text):
                prices = {type: (_millionths(price), 0) for type, price in _PRICE.findall(body)}
                places[region] = (day[1] if day else "", prices)
    return places


def merge(older: Places, newer: Places) -> Places:
    """The newer prices where there are any, the older ones elsewhere but for types that were repriced."""
    repriced = {
        type
        for place, (_, prices) in newer.items()
        for type, (linux, _) in prices.items()
        if place in older and older[place][1].get(type, (0, 0))[0] not in (0, linux)
    }
    places: Places = {}
    for place, (day, prices) in older.items():
        places[place] = (day, {type: found for type, found in prices.items() if type not in repriced})
    for place, (day, prices) in newer.items():
        _, before = places.get(place, ("", {}))
        windows = {type: found[1] for type, found in before.items()}
        places[place] = (day, {type: (linux, windows.get(type, 0)) for type, (linux, _) in prices.items()})
    return places


def pack(places: dict[str, tuple[str, Prices]]) -> bytes:
    """A table as it ships: each place's prices apart, so that only those in use are unpacked."""
    packed = {
        place: (day, zlib.compress(msgspec.msgpack.encode(dict(sorted(prices.items()))), 9))
        for place, (day, prices) in sorted(places.items())
    }
    return msgspec.msgpack.encode(packed)


def _hourly(systems: Mapping[str, Any], system: str) -> int:
    return _millionths(systems.get(system, {}).get("ondemand", "0"))


def _millionths(price: str) -> int:
    return round(float(price) * 1_000_000)


def _module(module: str) -> ZipFile:
    """A Go module's archive, from the module cache or through the module proxy."""
    with tempfile.TemporaryDirectory() as outside_any_module:
        command = ["go", "mod", "download", "-json", module]
        done = subprocess.run(command, capture_output=True, cwd=outside_any_module, check=False)
    told = json.loads(done.stdout or b"{}")
    # The archive is there even where the module asks for a newer Go than this one.
    if "Zip" not in told:
        raise SystemExit(f"{module}: {told.get('Error') or done.stderr.decode()}")
    return ZipFile(told["Zip"])


def _day_in_version(module: str) -> str:
    day = module.rpartition("-")[0].rpartition("-")[2]
    return f"{day[:4]}-{day[4:6]}-{day[6:8]}"


if __name__ == "__main__":
    main()
