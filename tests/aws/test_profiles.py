"""Which accounts and regions are meant."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from providers.aws.options import Options
from providers.aws.profiles import Choice, choose
from providers.contract import Problem

CONFIG = """
[default]
region = eu-central-1
[profile prod]
region = eu-west-1
[profile prod-dr]
region = us-east-1
[profile gov]
region = us-gov-west-1
[profile nowhere]
"""


@pytest.fixture
def config(nobody: Path) -> Path:
    file = nobody / ".aws" / "config"
    file.write_text(CONFIG)
    return file


def chosen(*profiles: str, regions: tuple[str, ...] = (), roles: tuple[str, ...] = ()) -> list[Choice]:
    found = choose(Options(profiles=profiles, regions=regions, roles=roles))
    assert all(isinstance(choice, Choice) for choice in found), found
    return [choice for choice in found if isinstance(choice, Choice)]


def problems(
    *profiles: str, regions: tuple[str, ...] = (), roles: tuple[str, ...] = ()
) -> dict[str, Problem]:
    found = choose(Options(profiles=profiles, regions=regions, roles=roles))
    return dict(choice for choice in found if isinstance(choice, tuple))


# ---- profiles ----------------------------------------------------------------------------------------


def test_profiles_by_name_and_glob_each_once_with_their_own_regions(config: Path) -> None:
    found = chosen("prod*", "prod", "default")
    assert [(choice.name, choice.regions) for choice in found] == [
        ("prod", ("eu-west-1",)),
        ("prod-dr", ("us-east-1",)),
        ("default", ("eu-central-1",)),
    ]


def test_a_profile_of_the_credentials_file_alone_exists(config: Path) -> None:
    (config.parent / "credentials").write_text("[keys]\naws_access_key_id=a\naws_secret_access_key=b\n")
    assert chosen("keys", regions=("eu-west-1",))[0].name == "keys"


def test_a_profile_that_does_not_exist_says_which_do(config: Path) -> None:
    problem = problems("prdo")["prdo"]
    assert problem.detail == "there is no profile 'prdo' (is it 'prod'?)"
    assert problem.remedy == "profiles that exist: default, gov, nowhere, prod, prod-dr"
    assert problem.state == "denied"


def test_one_that_does_not_exist_costs_the_others_nothing(config: Path) -> None:
    found = choose(Options(profiles=("nobody", "prod")))
    assert [choice.name for choice in found if isinstance(choice, Choice)] == ["prod"]


def test_a_glob_that_matches_no_profile(config: Path) -> None:
    assert problems("team-*")["team-*"].detail == "no profile matches 'team-*'"


def test_without_any_profile(nobody: Path) -> None:
    assert problems("prod")["prod"].remedy == "none exist: `aws configure` makes one"


def test_the_usual_profile_is_the_named_one_then_the_environment_then_default(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert chosen()[0].name == "default"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_REGION", "ap-south-1")
    assert [(choice.name, choice.regions) for choice in chosen()] == [("environment", ("ap-south-1",))]
    monkeypatch.setenv("AWS_PROFILE", "prod")
    assert [(choice.name, choice.regions) for choice in chosen()] == [("prod", ("eu-west-1",))]
    monkeypatch.setenv("AWS_PROFILE", "gone")
    assert "there is no profile 'gone'" in problems()["gone"].detail
    assert chosen("prod", regions=("eu-south-*",))[0].regions == ("eu-south-1", "eu-south-2")


def test_with_nothing_at_all_it_is_the_instances_own_role(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert [(choice.name, choice.regions) for choice in chosen()] == [("environment", ("eu-west-1",))]


def test_a_configuration_that_cannot_be_read_is_named(config: Path) -> None:
    config.write_text("[profile prod\nregion = eu-west-1")
    with pytest.raises(Problem) as raised:
        choose(Options())
    assert str(config) in raised.value.detail
    assert "cannot be parsed" in raised.value.detail


# ---- regions -----------------------------------------------------------------------------------------


def test_without_a_region_the_flag_is_named(config: Path) -> None:
    problem = problems("nowhere", "prod")["nowhere"]
    assert problem.detail == "profile nowhere has no region"
    assert "--region" in problem.remedy


def test_a_region_from_the_environment_is_for_profiles_that_have_none(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    assert [choice.regions for choice in chosen("nowhere", "prod")] == [("us-west-2",), ("eu-west-1",)]


def test_globs_of_regions_are_looked_up_in_the_profiles_own_partition(config: Path) -> None:
    commercial, government = chosen("prod", "gov", regions=("us-*", "eu-west-1"))
    assert commercial.regions == ("us-east-1", "us-east-2", "us-west-1", "us-west-2", "eu-west-1")
    assert government.regions == ("us-gov-east-1", "us-gov-west-1", "eu-west-1")


def test_a_glob_finds_its_partition_where_the_profile_has_none(config: Path) -> None:
    assert chosen("nowhere", regions=("cn-*",))[0].regions == ("cn-north-1", "cn-northwest-1")


def test_a_region_newer_than_the_data_may_be_named(config: Path) -> None:
    assert chosen("prod", regions=("eu-west-9",))[0].regions == ("eu-west-9",)


def test_a_region_that_cannot_be_is_told_and_the_others_remain(config: Path) -> None:
    found = choose(Options(profiles=("prod",), regions=("eu-west", "eu-west-2", "mars-*")))
    assert [choice.regions for choice in found if isinstance(choice, Choice)] == [("eu-west-2",)]
    told = problems("prod", regions=("eu-west", "eu-west-2", "mars-*"))
    assert told["eu-west"].detail == "there is no region 'eu-west'"
    assert "eu-west-1" in told["eu-west"].remedy
    assert told["mars-*"].detail == "no region matches 'mars-*'"


def test_a_glob_that_is_of_another_partition(config: Path) -> None:
    found = choose(Options(profiles=("prod", "gov"), regions=("us-gov-*",)))
    assert [choice.name for choice in found if isinstance(choice, Choice)] == ["gov"]
    assert "in partition aws, where profile prod is" in problems("prod", regions=("us-gov-*",))["prod"].detail


def test_all_regions_are_asked_for_beside_those_that_are_named(config: Path) -> None:
    choice = chosen("prod", regions=("all", "eu-south-1"))[0]
    assert choice.every
    assert choice.regions == ("eu-south-1",)
    assert choice.home == "eu-west-1"
    assert chosen("nowhere", regions=("all",))[0].home == "us-east-1"


# ---- roles -------------------------------------------------------------------------------------------


def test_roles_are_assumed_from_each_profile(config: Path) -> None:
    roles = ("arn:aws:iam::111111111111:role/ops/OnCall", "arn:aws:iam::222222222222:role/Audit")
    names = [choice.name for choice in chosen("prod", "prod-dr", roles=roles)]
    assert names == ["prod/OnCall", "prod/Audit", "prod-dr/OnCall", "prod-dr/Audit"]


def test_roles_of_one_name_are_told_apart_by_their_accounts(config: Path) -> None:
    roles = tuple(f"arn:aws:iam::{number}:role/OnCall" for number in ("111111111111", "222222222222"))
    names = [choice.name for choice in chosen("prod", roles=roles)]
    assert names == ["prod/111111111111/OnCall", "prod/222222222222/OnCall"]


def test_a_role_that_is_no_arn(config: Path) -> None:
    assert "no role's ARN" in problems("prod", roles=("OnCall",))["OnCall"].detail


def test_the_home_directory_of_nobody_is_read(nobody: Path) -> None:
    assert os.path.expanduser("~") == str(nobody)
