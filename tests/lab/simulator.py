"""What kwok is told: its own stages, with objects left alone that carry the label `STILL`, and real logs,
exec and ports.

Owns kwok's configuration. A pod or node labelled `STILL` keeps whatever status is written to it, which is
how the lab shows statuses that no simulator produces by itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

STILL = "lab.quarterdeck/still"
TALKS = "talks"
"""A pod of this name prints what is in the file `TALKS`.log of the lab's folder, and before its last
restart printed `TALKS`.before."""
NO_SHELL = "no-shell"
"""In a pod of this name nothing can be run."""


def configuration(stages: Path, folder: Path, port: int) -> str:
    """kwok's configuration file; `folder` gets the log that every container has. Every port of every pod
    leads to `port` of this machine."""
    documents: list[dict[str, Any]] = []
    for file in sorted(stages.glob("*.yaml")):
        stage = yaml.safe_load(file.read_text())
        still = {"key": f'.metadata.labels["{STILL}"]', "operator": "DoesNotExist"}
        stage["spec"]["selector"].setdefault("matchExpressions", []).append(still)
        documents.append(stage)
    log = folder / "container.log"
    log.write_text(
        "".join(f"2026-01-01T00:00:{second:02d}.000000000Z stdout F line {second}\n" for second in range(60))
    )
    talks, before = folder / f"{TALKS}.log", folder / f"{TALKS}.before"
    talks.write_text("")
    before.write_text("2026-01-01T00:00:00.000000000Z stderr F the run before\n")
    # What is said of one pod stands before what is said of all.
    talking = {"logsFile": str(talks), "previousLogsFile": str(before), "follow": True}
    documents += [
        _document("ClusterLogs", {"logs": [talking]}, TALKS),
        _document("ClusterLogs", {"logs": [{"logsFile": str(log), "follow": True}]}),
        _document("ClusterAttach", {"attaches": [{"logsFile": str(talks)}]}),
        _document("ClusterExec", {"execs": [{"local": {"workDir": "/nowhere"}}]}, NO_SHELL),
        _document(
            "ClusterExec", {"execs": [{"local": {"workDir": "/", "envs": [{"name": "LAB", "value": "yes"}]}}]}
        ),
        _document("ClusterPortForward", {"forwards": [{"target": {"address": "127.0.0.1", "port": port}}]}),
    ]
    return yaml.safe_dump_all(documents)


def _document(kind: str, spec: dict[str, Any], pod: str = "") -> dict[str, Any]:
    """Of the pods of that name, or of all."""
    metadata = {"name": f"lab-{pod}" if pod else "lab"}
    selector = {"selector": {"matchNames": [pod]}} if pod else {}
    return {
        "apiVersion": "kwok.x-k8s.io/v1alpha1",
        "kind": kind,
        "metadata": metadata,
        "spec": spec | selector,
    }
