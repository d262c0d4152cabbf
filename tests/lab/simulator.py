"""What kwok is told: its own stages, with objects left alone that carry the label `STILL`, and real logs
and exec.

Owns kwok's configuration. A pod or node labelled `STILL` keeps whatever status is written to it, which is
how the lab shows statuses that no simulator produces by itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

STILL = "lab.quarterdeck/still"


def configuration(stages: Path, folder: Path) -> str:
    """kwok's configuration file; `folder` gets the log that every container has."""
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
    log_spec = {"logs": [{"logsFile": str(log), "follow": True}]}
    exec_spec = {"execs": [{"local": {"workDir": "/", "envs": [{"name": "LAB", "value": "yes"}]}}]}
    documents.append(_document("ClusterLogs", log_spec))
    documents.append(_document("ClusterExec", exec_spec))
    return yaml.safe_dump_all(documents)


def _document(kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    return {"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": kind, "metadata": {"name": "lab"}, "spec": spec}
