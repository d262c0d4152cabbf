"""What a person asks to restart: the workload behind a pod, whether it may be, and how it begins."""

from __future__ import annotations

from collections.abc import Callable

from providers.contract import Refused, Subject
from providers.demo.fleet import Home
from providers.demo.stories.rollout import roll, take_down
from providers.demo.workload import Workload
from providers.model import Pod, Ref


def subject_of(home: Home, ref: Ref, pod: Pod) -> Subject:
    """What a restart of the pod would touch. Raises Refused when nothing should be."""
    if pod.owner is None:
        return Subject(
            ref=ref, kind="Pod", name=pod.name, namespace=pod.namespace, uid=pod.uid, pods=1, bare=True
        )
    workload = home.workload_of(pod)
    if workload is None:
        raise Refused(f"{pod.owner.kind} {pod.owner.name}, which owned pod {pod.name}, is gone")
    _check(workload)
    return Subject(
        ref=ref,
        kind=workload.kind,
        name=workload.name,
        namespace=workload.namespace,
        uid=workload.uid,
        pods=len(workload.pods),
    )


def prepare_restart(home: Home, subject: Subject) -> Callable[[], None]:
    """What begins the restart. Raises Refused when the thing with that uid is no longer there."""
    if subject.bare:
        pod = home.pods.get(subject.uid)
        if pod is None:
            raise Refused(f"pod {subject.name} is gone")
        return lambda: home.life.begin(take_down(home, pod.uid), pace="person")
    workload = home.workloads.get((subject.namespace, subject.kind, subject.name))
    if workload is None or workload.uid != subject.uid:
        raise Refused(f"{subject.kind} {subject.name} is gone, or another has its name")
    _check(workload)
    return lambda: roll(home, home.life, workload, pace="person")


def _check(workload: Workload) -> None:
    if workload.kind == "Job":
        raise Refused(
            f"job {workload.name} runs once: its pods are not restarted", "delete the job and create it again"
        )
    if workload.paused:
        raise Refused(
            f"the rollout of deployment {workload.name} is paused",
            f"kubectl rollout resume deployment/{workload.name} -n {workload.namespace}",
        )
