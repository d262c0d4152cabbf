"""Checks of what can be asked of and done to an object, for the capabilities that a source has."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from itertools import islice
from typing import Any

import msgspec
import yaml

from providers.conformance.kit import Kit, dirty
from providers.conformance.look import Look, opened, until
from providers.contract import (
    Cordons,
    Diagnoses,
    Problem,
    Refused,
    Restarts,
    RestartsUnits,
    Reviews,
    Shows,
    Source,
    Subject,
    Verifies,
)
from providers.model import Finding, Node, Ref

NO_SUCH_UID = "00000000-0000-0000-0000-00000000dead"
_TRIED = 3


class CapabilityChecks(Kit):
    """Skipped where no source has the capability."""

    def test_a_manifest_is_yaml(self) -> None:
        async def check(source: Any) -> None:
            found = await self.look(source)
            for kind in found.info.kinds:
                for ref in islice(found.refs(kind), _TRIED):
                    _check_manifest(ref, await self._answer(source.manifest(ref), f"manifest of {ref}"))

        self.each_able(Shows, check)

    def test_a_manifest_of_nothing_is_a_problem(self) -> None:
        async def check(source: Any) -> None:
            for kind in source.info.kinds:
                ref = Ref(source.info.name, kind, NO_SUCH_UID)
                assert await self._refuses(source.manifest(ref), Problem), f"manifest({ref}) gave an answer"

        self.each_able(Shows, check)

    def test_a_node_that_is_not_there_is_refused(self) -> None:
        async def check(source: Any) -> None:
            ref = Ref(source.info.name, "node", NO_SUCH_UID)
            assert await self._refuses(source.node(ref)), f"node({ref}) was not Refused"

        self.each_able(Cordons, check)

    def test_a_pod_that_is_not_there_is_refused(self) -> None:
        async def check(source: Any) -> None:
            ref = Ref(source.info.name, "pod", NO_SUCH_UID)
            assert await self._refuses(source.workload(ref)), f"workload({ref}) was not Refused"

        self.each_able(Restarts, check)

    def test_a_unit_that_is_not_there_is_refused(self) -> None:
        async def check(source: Any) -> None:
            ref = Ref(source.info.name, "unit", f"{NO_SUCH_UID}/none.service")
            assert await self._refuses(source.unit(ref)), f"unit({ref}) was not Refused"

        self.each_able(RestartsUnits, check)

    def test_a_node_is_read_as_the_stream_shows_it(self) -> None:
        async def check(source: Any) -> None:
            for ref, node in _nodes(await self.look(source)):
                subject = await self._answer(source.node(ref), f"node({ref})")
                assert (subject.uid, subject.name) == (node.uid, node.name), f"{subject} is not {node.name}"
                assert subject.unschedulable is node.unschedulable, (
                    f"{node.name}: cordoned here and not there"
                )

        self.each_able(Cordons, check)

    def test_a_cordon_is_seen_in_the_stream(self) -> None:
        self.must_write()

        async def check(source: Any) -> None:
            found = Look(source.info)
            async with opened(source) as stream:
                name = source.info.name
                await until(stream, found, lambda: not found.missing, self.timeout, f"{name}: not complete")
                for ref, node in _nodes(found)[:1]:
                    for on in (not node.unschedulable, node.unschedulable):
                        await self._cordoned(source, ref, on)
                        told = f"{node.name}: cordon {on} was not seen in the stream"
                        await until(stream, found, lambda: _is(found, ref, on), self.timeout, told)  # noqa: B023

        self.each_able(Cordons, check)

    def test_a_dry_run_changes_nothing(self) -> None:
        self.must_write()

        async def check(source: Any) -> None:
            for ref, node in _nodes(await self.look(source))[:1]:
                subject = await source.node(ref)
                await source.cordon(subject, not node.unschedulable, dry_run=True)
                after = await source.node(ref)
                assert after.unschedulable is node.unschedulable, f"{node.name}: a dry run cordoned it"

        self.each_able(Cordons, check)

    def test_a_cordon_is_conditional_on_the_uid(self) -> None:
        self.must_write()

        async def check(source: Any) -> None:
            for ref, node in _nodes(await self.look(source))[:1]:
                other = msgspec.structs.replace(await source.node(ref), uid=NO_SUCH_UID)
                flip = not node.unschedulable
                refused = await self._refuses(source.cordon(other, flip, dry_run=False))
                assert refused, f"{node.name}: another uid of the same name was cordoned"

        self.each_able(Cordons, check)

    def test_read_only_refuses_every_write(self) -> None:
        self.must_write()

        async def check(source: Source) -> None:
            found = await self.look(source)
            if isinstance(source, Cordons):
                for ref, node in _nodes(found)[:1]:
                    subject = await source.node(ref)
                    work = source.cordon(subject, not node.unschedulable, dry_run=False)
                    assert await self._refuses(work, Problem), f"{node.name}: cordoned although read-only"
            if isinstance(source, Restarts) and (workload := await _restartable(source, found)):
                work = source.restart(workload, dry_run=False)
                assert await self._refuses(work, Problem), f"{workload.name}: restarted although read-only"

        self.each(check, read_only=True)

    def test_a_review_is_one_line(self) -> None:
        async def check(source: Any) -> None:
            found = await self.look(source)
            for action, kind in (("cordon", "node"), ("uncordon", "node"), ("restart", "pod")):
                for ref in islice(found.refs(kind), 1):
                    said = await self._answer(source.review(action, ref), f"review of {action}")
                    assert isinstance(said, str), (
                        f"review() gave {said!r}: '' when allowed, else who may not what"
                    )
                    assert not dirty(said), f"review() is not cleaned: {dirty(said)}"

        self.each_able(Reviews, check)

    def test_a_diagnosis_is_findings(self) -> None:
        async def check(source: Any) -> None:
            _check_findings(await self._answer(source.diagnose(), "diagnose()"))

        self.each_able(Diagnoses, check)

    def test_a_self_check_is_findings(self) -> None:
        async def check(source: Any) -> None:
            _check_findings(await self._answer(source.verify(), "verify()"))

        self.each_able(Verifies, check)

    # ---- what they are made with ---------------------------------------------------------------------

    async def _answer(self, work: Awaitable[Any], what: str) -> Any:
        try:
            async with asyncio.timeout(self.timeout):
                return await work
        except TimeoutError:
            raise AssertionError(f"{what}: no answer within {self.timeout:g} s") from None
        except Problem as problem:
            raise AssertionError(f"{what}: {problem.detail}; {problem.remedy}") from None

    async def _refuses(self, work: Awaitable[Any], how: type[Problem] = Refused) -> bool:
        """Whether it raises that, with a reason. Another exception fails the check by itself."""
        problem: Problem | None = None
        try:
            async with asyncio.timeout(self.timeout):
                await work
        except Problem as raised:
            problem = raised
        if problem is None:
            return False
        told = f"{type(problem).__name__} ({problem.detail}) where {how.__name__} is meant"
        assert isinstance(problem, how), told
        assert problem.detail, "refused without a reason"
        assert not dirty([problem.detail, problem.remedy]), f"not cleaned: {problem.detail!r}"
        return True

    async def _cordoned(self, source: Any, ref: Ref, on: bool) -> None:
        subject = await self._answer(source.node(ref), f"node({ref})")
        await self._answer(source.cordon(subject, on, dry_run=False), f"cordon of {subject.name}")


def _nodes(found: Look) -> list[tuple[Ref, Node]]:
    nodes = ((ref, found.objects[ref.kind, ref.uid]) for ref in found.refs("node"))
    return [(ref, node) for ref, node in islice(nodes, _TRIED) if isinstance(node, Node)]


def _is(found: Look, ref: Ref, on: bool) -> bool:
    node = found.objects.get((ref.kind, ref.uid))
    return isinstance(node, Node) and node.unschedulable is on


async def _restartable(source: Restarts, found: Look) -> Subject | None:
    for ref in found.refs("pod"):
        try:
            return await source.workload(ref)
        except Problem:  # paused, or nothing that can be restarted
            continue
    return None


def _check_manifest(ref: Ref, text: object) -> None:
    assert isinstance(text, str), f"manifest of {ref}: not text but {type(text).__name__}"
    for line in text.split("\n"):
        assert not dirty(line.replace("\t", "")), f"manifest of {ref}: not cleaned: {dirty(line)}"
    try:
        loaded = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise AssertionError(f"manifest of {ref} is not YAML: {error}") from None
    assert isinstance(loaded, dict), f"manifest of {ref}: a mapping was expected, not {loaded!r:.80}"


def _check_findings(findings: Any) -> None:
    assert findings, "no finding at all: say what was looked at"
    for finding in findings:
        assert isinstance(finding, Finding), f"{finding!r} is no Finding"
        assert finding.subject, f"{finding!r} does not say what was looked at"
        assert not dirty(finding), f"not cleaned: {dirty(finding)}"
