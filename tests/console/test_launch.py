"""What to run: the simulated fleet only when nothing else is configured, or when asked for."""

from pathlib import Path

from console.config import Config, Start, parse
from console.launch import Arguments, choose


def providers(arguments: Arguments, environment: dict[str, str], config: Config | None = None) -> list[str]:
    launch = choose(arguments, config or Config(), environment)
    return [choice.name for choice in launch.hello.providers]


def test_nothing_configured_opens_on_the_simulated_fleet_and_says_why(tmp_path: Path) -> None:
    launch = choose(Arguments(), Config(), {"HOME": str(tmp_path)})
    assert [choice.name for choice in launch.hello.providers] == ["demo"]
    assert launch.simulated_because == "no cluster is configured"


def test_a_kubeconfig_in_its_place_or_named_means_the_real_thing(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    assert providers(Arguments(kubeconfig="f"), home) == ["kubernetes"]
    assert providers(Arguments(contexts=("a",)), home) == ["kubernetes"]
    assert providers(Arguments(), {**home, "KUBECONFIG": "/nowhere"}) == ["kubernetes"]
    assert providers(Arguments(), home, Config(start=Start(contexts=("x",)))) == ["kubernetes"]
    (tmp_path / ".kube").mkdir()
    (tmp_path / ".kube" / "config").touch()
    assert providers(Arguments(), home) == ["kubernetes"]


def test_a_provider_set_up_in_the_file_means_the_real_thing(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    cluster = Config(providers={"kubernetes": {"kubeconfig": "f"}})
    assert providers(Arguments(), home, cluster) == ["kubernetes"]
    assert providers(Arguments(demo=True), home, cluster) == ["demo"]
    both = Config(providers={"inventory": {"path": "f"}, "kubernetes": {"kubeconfig": "f"}})
    assert providers(Arguments(), home, both) == ["kubernetes", "inventory"]
    alone = Config(providers={"inventory": {"path": "f"}})
    assert providers(Arguments(), home, alone) == ["inventory"]
    assert providers(Arguments(contexts=("a",)), home, alone) == ["kubernetes", "inventory"]
    assert providers(Arguments(providers=("demo",)), home, alone) == ["demo"]


def test_what_names_no_cluster_does_not_make_it_real(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    assert providers(Arguments(namespaces=("shop",)), home) == ["demo"]
    assert providers(Arguments(), home, Config(start=Start(namespaces=("shop",)))) == ["demo"]
    assert providers(Arguments(), home, Config(providers={"demo": {"pods": 5}, "kubernetes": {}})) == ["demo"]


def test_an_inventory_is_enough_and_is_named_as_the_engine_finds_it(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    said = Arguments(inventories=("hosts.json", "/srv/x.tfstate", "!terraform show -json"))
    assert providers(said, home) == ["static"]
    assert providers(said, {**home, "KUBECONFIG": "f"}) == ["kubernetes", "static"]
    (choice,) = choose(said, Config(), home).hello.providers
    here = str(Path("hosts.json").absolute())
    assert choice.options == {"inventories": [here, "/srv/x.tfstate", "!terraform show -json"]}


def test_behind_via_an_inventory_is_a_file_there() -> None:
    launch = choose(Arguments(inventories=("hosts.json",), via="ops@bastion"), Config(), {})
    assert launch.hello.providers[-1].options == {"inventories": ["hosts.json"]}


def test_the_audit_is_kept_where_the_file_says() -> None:
    config = parse('[audit]\npath = "/var/log/deck.jsonl"', "f.toml")
    assert choose(Arguments(), config, {}).hello.audit_path == "/var/log/deck.jsonl"


def test_demo_wins_when_asked_for(tmp_path: Path) -> None:
    arguments = Arguments(demo=True, kubeconfig="f", simulation={"pods": 7, "rate": 0.0})
    launch = choose(arguments, Config(), {"HOME": str(tmp_path)})
    assert launch.hello.providers[0].name == "demo"
    assert launch.hello.providers[0].options == {"pods": 7, "rate": 0.0}


def test_the_command_line_wins_over_the_file() -> None:
    config = Config(start=Start(contexts=("file",), namespaces=("a",), read_only=True))
    launch = choose(Arguments(contexts=("line",)), config, {})
    assert launch.hello.providers[0].options == {"contexts": ["line"], "namespaces": ["a"]}
    assert launch.hello.read_only


def test_a_providers_table_gives_its_options_and_the_command_line_wins() -> None:
    config = Config(providers={"inventory": {"path": "f.json"}, "demo": {"pods": 5, "seed": 2}})
    launch = choose(Arguments(providers=("inventory", "demo"), simulation={"pods": 9}), config, {})
    assert [(choice.name, choice.options) for choice in launch.hello.providers] == [
        ("inventory", {"path": "f.json"}),
        ("demo", {"pods": 9, "seed": 2}),
    ]


def test_a_profile_or_a_region_on_the_command_line_asks_for_aws(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    assert providers(Arguments(profiles=("prod",)), home) == ["aws"]
    assert providers(Arguments(regions=("eu-*",)), home, Config(providers={"aws": {"poll_seconds": 9}})) == [
        "aws"
    ]
    assert providers(Arguments(profiles=("prod",), contexts=("a",)), home) == ["kubernetes", "aws"]
    assert providers(Arguments(profiles=("prod",), providers=("aws",)), home) == ["aws"]
    assert providers(Arguments(profiles=("prod",), regions=("eu-west-1",)), home) == ["aws"]


def test_profiles_and_regions_of_the_command_line_win_over_the_file() -> None:
    config = Config(providers={"aws": {"profiles": ["file"], "regions": ["eu-west-1"], "poll_seconds": 9}})
    launch = choose(Arguments(providers=("aws",), profiles=("line", "p-*")), config, {})
    assert launch.hello.providers[0].options == {
        "profiles": ["line", "p-*"],
        "regions": ["eu-west-1"],
        "poll_seconds": 9,
    }


def test_where_there_are_only_machines_their_pane_is_opened(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    assert choose(Arguments(profiles=("prod",)), Config(), home).view == "instances"
    assert choose(Arguments(profiles=("prod",), contexts=("a",)), Config(), home).view == "pods"
    assert choose(Arguments(providers=("demo",)), Config(start=Start(view="nodes")), home).view == "nodes"
