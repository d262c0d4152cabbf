"""python -m tests.bench: the figures, in one table from one run, beside k9s and sofka where they are."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import cloud, emulator, joins, latency, pane, shell, ssh, terminal
from tests.bench.subject import Subject, middle_and_worst

POD = re.compile(r"[a-z0-9-]+\s.*\b\d/\d\b")
Figures = dict[str, str]


def main() -> int:
    """Measure and print; 0 when everything asked for was measured."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--lab", type=Path, help="folder of a running lab, instead of starting one")
    parts = ["cluster", "demo", "via", "joins", "aws", "ssh", "emulator", "terminal", "shell", "pane"]
    parser.add_argument("--only", choices=parts, help="one part of it")
    parser.add_argument("--pods", type=int, default=10_000)
    parser.add_argument("--nodes", type=int, default=300)
    options = parser.parse_args()
    if options.only in (None, "joins"):
        joins.report()
    if options.only in (None, "aws"):
        cloud.report()
    if options.only in (None, "ssh"):
        ssh.report()
    if options.only in (None, "emulator"):
        emulator.report()
    if options.only in (None, "terminal"):
        terminal.report()
    if options.only in (None, "shell"):
        shell.report()
    if options.only in (None, "pane"):
        pane.report()
    if options.only not in ("demo", "joins", "aws", "ssh", "emulator", "terminal", "shell", "pane"):
        with _lab(options.lab, options.nodes, options.pods) as folder:
            if options.only != "via":
                _table(_consoles(folder / "admin.kubeconfig"), folder, options.pods)
            if options.only != "cluster":
                _via(folder, options.pods)
    if options.only in (None, "demo"):
        _demo()
    return 0


@contextmanager
def _lab(folder: Path | None, nodes: int, pods: int) -> Iterator[Path]:
    if folder is not None:
        yield folder
        return
    from tests.lab.cluster import Lab
    from tests.lab.load import fill_now

    place = Path(tempfile.mkdtemp(prefix="quarterdeck-bench-"))
    try:
        with Lab(place) as lab:
            fill_now(lab, nodes, pods, oddities=False)
            lab.kubeconfig(place / "admin.kubeconfig")
            yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _consoles(kubeconfig: Path) -> dict[str, list[str]]:
    os.environ["KUBECONFIG"] = str(kubeconfig)
    wanted = {
        "quarterdeck": [_quarterdeck(), "--kubeconfig", str(kubeconfig), "--context", "lab"],
        "k9s": ["k9s", "--kubeconfig", str(kubeconfig), "-A", "-c", "pods"],
        "sofka": ["sofka", "-A", "--kubeconfig", str(kubeconfig), "--context", "lab"],
    }
    return {name: command for name, command in wanted.items() if shutil.which(command[0])}


def _quarterdeck() -> str:
    beside = Path(sys.executable).with_name("quarterdeck")
    return str(beside) if beside.exists() else "quarterdeck"


def _table(consoles: dict[str, list[str]], folder: Path, pods: int) -> None:
    columns = {name: _measure(name, command, folder, pods) for name, command in consoles.items()}
    _print("a cluster of real API objects, 160×50, all namespaces", columns)


def _print(title: str, columns: dict[str, Figures]) -> None:
    print(f"\n{title}\n{'':<44}" + "".join(f"{name:>24}" for name in columns))
    for row in dict.fromkeys(row for figures in columns.values() for row in figures):
        print(
            f"{row:<44}" + "".join(f"{figures.get(row, '–'):>24}" for figures in columns.values()), flush=True
        )


def _measure(name: str, command: list[str], folder: Path, pods: int) -> Figures:
    figures: Figures = {}
    subject = Subject(command)
    try:
        _loading(subject, figures, pods)
        _resting(subject, figures)
        cpu, sent, delays, answers = latency.watch(subject, folder, 15.0, 100.0)
        figures["CPU at 100 changes/s, of a core"] = f"{cpu / 15:.1%}"
        figures["bytes at 100 changes/s"] = f"{sent / 15:.0f} B/s"
        if delays:
            middle, worst = middle_and_worst(delays)
            figures["change → on the screen, median / p99"] = (
                f"{middle * 1e3:.0f} / {worst * 1e3:.0f} ms ({len(delays)})"
            )
        if answers:
            usual, worst = middle_and_worst(answers)
            figures["server's answer to a patch, median / p99"] = f"{usual * 1e3:.0f} / {worst * 1e3:.0f} ms"
        figures["peak resident memory"] = f"{subject.tree.peak / 1e6:.0f} MB"
    except TimeoutError as error:
        print(f"{name}: {error}", file=sys.stderr)
    finally:
        subject.close()
    return figures


def _loading(subject: Subject, figures: Figures, pods: int) -> None:
    figures["command start → first pod rows"] = f"{subject.until(_has_pods):.2f} s"
    middle, worst = middle_and_worst(subject.key_times("jjjjkkkk", 0.02))
    figures["key → painted while loading, median / max"] = f"{middle * 1e3:.1f} / {worst * 1e3:.1f} ms"
    shown = (f"{pods:,}", str(pods))
    figures["→ all pods (as its title says)"] = (
        f"{subject.until(lambda text: any(n in text for n in shown)):.2f} s"
    )
    subject.terminal.run_for(max(0.0, subject.terminal.started + 25 - time.monotonic()))
    figures["CPU in the first 25 s"] = f"{subject.tree.cpu:.2f} s"
    figures["bytes in the first 25 s"] = f"{subject.terminal.bytes / 1e3:.1f} kB"


def _resting(subject: Subject, figures: Figures) -> None:
    cpu, sent = subject.over(15.0)
    figures["CPU at rest, of a core"] = f"{cpu / 15:.1%}"
    figures["bytes at rest (ages tick)"] = f"{sent / 15:.0f} B/s"
    middle, worst = middle_and_worst(subject.key_times("jjjjkkkk" * 12))
    figures["key → painted at rest, median / p99"] = f"{middle * 1e3:.1f} / {worst * 1e3:.1f} ms"


def _has_pods(text: str) -> bool:
    return sum(1 for line in text.splitlines() if POD.search(line)) >= 3


def _demo() -> None:
    columns = {
        "1,000 changes/s": _restless(["--pods", "10000", "--rate", "1000"]),
        "100,000 pods": _restless(["--pods", "100000", "--rate", "100"]),
    }
    _print("the simulated fleet, 160×50", columns)
    print(f"{'quarterdeck demo: start → first frame':<44}{_first_frame():>23.2f} s")


def _restless(options: list[str]) -> Figures:
    subject = Subject([_quarterdeck(), "demo", *options])
    figures: Figures = {"command start → first pod rows": f"{subject.until(_has_pods):.2f} s"}
    subject.terminal.run_for(12.0)
    cpu, sent = subject.over(10.0)
    figures["CPU, of a core"] = f"{cpu / 10:.0%}"
    figures["bytes"] = f"{sent / 10:.0f} B/s"
    subject.terminal.send("g")
    middle, worst = middle_and_worst(subject.moves("jjjjkkkk" * 8))
    figures["key → painted, median / p99"] = f"{middle * 1e3:.1f} / {worst * 1e3:.1f} ms"
    figures["peak resident memory"] = f"{subject.tree.peak / 1e6:.0f} MB"
    subject.close()
    return figures


def _first_frame(runs: int = 5) -> float:
    times = []
    for _ in range(runs):
        subject = Subject([_quarterdeck(), "demo"])
        times.append(subject.until(lambda text: "quarterdeck" in text))
        subject.close()
    return sorted(times)[runs // 2]


def _via(folder: Path, pods: int) -> None:
    """Bytes over an SSH link to the whole fleet, and for each change."""
    from tests.bench.link import bytes_over_ssh

    complete, per_change = bytes_over_ssh(folder, pods)
    print(f"\n--via, {pods:,} pods: {complete / 1e6:.2f} MB to complete; {per_change:.0f} B per change")


if __name__ == "__main__":
    sys.exit(main())
