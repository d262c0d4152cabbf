"""Every way to be wrong that the kit must catch: a source or a provider, each with one fault."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from providers.contract import Host, Problem, Source, Subject
from providers.model import (
    Batch,
    Began,
    Complete,
    Deletes,
    Finding,
    Instance,
    Node,
    Object,
    Pod,
    Record,
    Ref,
    Schema,
    Upserts,
    kind_of,
)

from .good import SHELVES, Good, GoodProvider

replace = msgspec.structs.replace

# ---- streams -----------------------------------------------------------------------------------------


class NeverComplete(Good):
    def listing(self) -> Iterator[Batch]:
        return (batch for batch in super().listing() if batch != Complete("pod"))


class NeverBegun(Good):
    def listing(self) -> Iterator[Batch]:
        return (batch for batch in super().listing() if batch != Began("pod"))


class CompleteFirst(Good):
    def listing(self) -> Iterator[Batch]:
        yield Complete("pod")
        yield from super().listing()


class Ends(Good):
    def listing(self) -> Iterator[Batch]:
        yield Began("node")

    async def stream(self) -> AsyncIterator[Batch]:
        for batch in self.listing():
            yield batch


class Raises(Good):
    async def stream(self) -> AsyncIterator[Batch]:
        yield Began("node")
        raise Problem("the place is closed")


class Blocks(Good):
    async def stream(self) -> AsyncIterator[Batch]:
        await asyncio.Event().wait()
        yield Began("node")


class NoIterator(Good):
    def stream(self) -> Any:
        return list(self.listing())


class ObjectFirst(Good):
    def listing(self) -> Iterator[Batch]:
        yield Upserts((Node(uid="n1", name="node-1"),))
        yield from super().listing()


class Undeclared(Good):
    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.info = replace(self.info, kinds=("pod", "instance"))

    def listing(self) -> Iterator[Batch]:
        yield Began("node")
        yield Upserts((Node(uid="n1", name="node-1"),))
        yield from super().listing()


class NoSchema(Good):
    def listing(self) -> Iterator[Batch]:
        return (batch for batch in super().listing() if not isinstance(batch, Schema))


class TooManyCells(Good):
    def __init__(self, host: Host) -> None:
        super().__init__(host)
        self.put(Record(kind=SHELVES, uid="r1", name="shelf", cells=("3", "4")))


def having(obj: Object) -> type[Good]:
    """A source with one more object."""

    class Having(Good):
        def __init__(self, host: Host) -> None:
            super().__init__(host)
            self.put(obj)

    return Having


class SameUid(Good):
    def listing(self) -> Iterator[Batch]:
        for batch in super().listing():
            yield batch
            if batch == Began("pod"):
                yield Upserts((Pod(uid="p1", namespace="other", name="web-1"),))


class DeletesUnknown(Good):
    def listing(self) -> Iterator[Batch]:
        yield from super().listing()
        yield Deletes("pod", ("p1",))
        yield Deletes("pod", ("p1",))


class Unmoved(Good):
    def tell(self, batch: Batch) -> None:
        """Nobody hears of a change."""


# ---- lives -------------------------------------------------------------------------------------------


class LeavesTask(Good):
    async def stream(self) -> AsyncIterator[Batch]:
        self.task = asyncio.create_task(asyncio.Event().wait())
        async for batch in super().stream():
            yield batch


class ClosesSlowly(Good):
    async def stream(self) -> AsyncIterator[Batch]:
        try:
            for batch in self.listing():
                yield batch
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(30)


class LeavesFile(Good):
    opened: list[object] = []  # noqa: RUF012

    async def stream(self) -> AsyncIterator[Batch]:
        self.opened.append(Path(__file__).open())  # noqa: ASYNC230, SIM115
        async for batch in super().stream():
            yield batch


class SwallowsCancel(Good):
    async def stream(self) -> AsyncIterator[Batch]:
        for batch in self.listing():
            yield batch
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.Event().wait()


class OneAtATime(Good):
    busy = False

    async def stream(self) -> AsyncIterator[Batch]:
        if self.busy:
            await asyncio.Event().wait()
        self.busy = True
        try:
            for batch in self.listing():
                yield batch
                await asyncio.sleep(0)
            await asyncio.Event().wait()
        finally:
            self.busy = False


class UidsPerStream(Good):
    numbers = count()

    def listing(self) -> Iterator[Batch]:
        number = next(self.numbers)
        for batch in super().listing():
            if isinstance(batch, Upserts):
                yield Upserts(tuple(replace(obj, uid=f"{obj.uid}-{number}") for obj in batch.objects))
            else:
                yield batch


class UidsPerSource(Good):
    def __init__(self, host: Host) -> None:
        super().__init__(host)
        renamed = [replace(obj, uid=str(uuid.uuid4())) for obj in self.objects.values()]
        self.objects = {(kind_of(obj), obj.uid): obj for obj in renamed}


# ---- capabilities ------------------------------------------------------------------------------------


def showing(text: Any) -> type[Good]:
    """A source whose manifests are that."""

    class Showing(Good):
        async def manifest(self, ref: Ref) -> str:
            self.found(ref)
            return text  # type: ignore[no-any-return]

    return Showing


class ShowsAnything(Good):
    async def manifest(self, ref: Ref) -> str:
        return f"uid: {ref.uid}\n"


class AnyNode(Good):
    async def node(self, ref: Ref) -> Subject:
        return Subject(ref=ref, kind="Node", name="node-1", uid=ref.uid)


class ProblemNotRefused(Good):
    async def node(self, ref: Ref) -> Subject:
        if (ref.kind, ref.uid) not in self.objects:
            raise Problem("404")
        return await super().node(ref)


class AnyPod(Good):
    async def workload(self, ref: Ref) -> Subject:
        return Subject(ref=ref, kind="Deployment", name="web", uid="w1")


class AnyUnit(Good):
    async def unit(self, ref: Ref) -> Subject:
        return Subject(ref=ref, kind="Unit", name="none.service", uid=ref.uid)


class StaleNode(Good):
    async def node(self, ref: Ref) -> Subject:
        return replace(await super().node(ref), unschedulable=False)


class AnotherUid(Good):
    async def node(self, ref: Ref) -> Subject:
        return replace(await super().node(ref), uid="n0")


class CordonUnseen(Unmoved):
    """It is carried out, and the stream never says so."""


class DryRunCordons(Good):
    async def cordon(self, node: Subject, on: bool, *, dry_run: bool) -> None:
        await super().cordon(node, on, dry_run=False)


class CordonsByName(Good):
    async def cordon(self, node: Subject, on: bool, *, dry_run: bool) -> None:
        named: list[Any] = [obj for obj in self.objects.values() if getattr(obj, "name", "") == node.name]
        await super().cordon(replace(node, uid=named[0].uid), on, dry_run=dry_run)


class WritesThough(Good):
    def may_write(self) -> None:
        """Whatever the host says."""


class RestartsThough(Good):
    async def restart(self, workload: Subject, *, dry_run: bool) -> None:
        """Whatever the host says."""


def reviewing(said: Any) -> type[Good]:
    class Reviewing(Good):
        async def review(self, action: str, ref: Ref) -> str:
            return said  # type: ignore[no-any-return]

    return Reviewing


def finding(said: Any) -> type[Good]:
    class Saying(Good):
        async def diagnose(self) -> Sequence[Finding]:
            return said  # type: ignore[no-any-return]

        async def verify(self) -> Sequence[Finding]:
            return said  # type: ignore[no-any-return]

    return Saying


# ---- providers ---------------------------------------------------------------------------------------


def called(**attributes: Any) -> GoodProvider:
    """The good provider with other attributes."""
    provider = GoodProvider()
    for name, value in attributes.items():
        setattr(provider, name, value)
    return provider


class Required(msgspec.Struct):
    path: str


def giving(*changes: dict[str, Any]) -> GoodProvider:
    """A provider of one source for each of these changes to its info."""

    class Giving(GoodProvider):
        async def sources(self, options: Any, host: Host) -> Sequence[Source]:
            made = [Good(host) for _ in changes]
            for source, change in zip(made, changes, strict=True):
                values = {key: value() if callable(value) else value for key, value in change.items()}
                source.info = replace(source.info, **values)
            return made

    return Giving()


def source(broken: type[Good]) -> GoodProvider:
    return GoodProvider(broken)


Finder = Finding(subject="\x1b[2J", level="ok", detail="")
NAN = Node(uid="n9", name="node-9", cpu=float("nan"))
WRONG_TYPE = Instance(uid="i9", name=9)  # type: ignore[arg-type]
BIDI = Pod(uid="p9", namespace="shop", name="web\u202e9")
ESCAPE = Pod(uid="p9", namespace="shop", name="web", labels="a=\x1b]52;c;\x07")
NO_UID = Pod(uid="", namespace="shop", name="web")

TABLE: list[tuple[str, Callable[[], Any], str]] = [
    # check, the broken provider, what the kit says
    ("it_says_what_it_is", lambda: called(name="My Provider"), "lower case"),
    ("it_says_what_it_is", lambda: called(summary=""), "empty"),
    ("it_says_what_it_is", lambda: called(summary="a\nb"), "more than one line"),
    ("its_options_are_a_struct_with_defaults", lambda: called(options=dict), "msgspec.Struct"),
    ("its_options_are_a_struct_with_defaults", lambda: called(options=Required), "path"),
    ("its_sources_say_where_they_are", giving, "no source"),
    ("its_sources_say_where_they_are", lambda: giving({}, {}), "one name"),
    ("its_sources_say_where_they_are", lambda: giving({"name": ""}), "no name"),
    ("its_sources_say_where_they_are", lambda: giving({"name": "a\x1bb"}), "not cleaned"),
    ("its_sources_say_where_they_are", lambda: giving({"provider": "other"}), "its provider is"),
    ("its_sources_say_where_they_are", lambda: giving({"kinds": ()}), "no kinds"),
    ("its_sources_say_where_they_are", lambda: giving({"kinds": ("node", "node")}), "twice"),
    ("its_sources_have_the_same_names_again", lambda: giving({"name": lambda: str(uuid.uuid4())}), "differ"),
    ("each_kind_begins_and_completes", lambda: source(NeverComplete), "kinds missing: pod"),
    ("each_kind_begins_and_completes", lambda: source(NeverBegun), "pod: Complete without Began"),
    ("each_kind_begins_and_completes", lambda: source(CompleteFirst), "pod: Complete without Began"),
    ("each_kind_begins_and_completes", lambda: source(Ends), "the stream ended"),
    ("each_kind_begins_and_completes", lambda: source(Raises), "the place is closed"),
    ("each_kind_begins_and_completes", lambda: source(Blocks), "not complete within"),
    ("each_kind_begins_and_completes", lambda: source(NoIterator), "async iterator"),
    ("nothing_comes_before_its_list_begins", lambda: source(ObjectFirst), "node: Upserts before Began"),
    ("nothing_comes_before_its_list_begins", lambda: source(CompleteFirst), "pod: Complete before Began"),
    ("every_kind_is_declared", lambda: source(Undeclared), "'node' is not among"),
    ("records_fit_their_schema", lambda: source(NoSchema), "before its Schema"),
    ("records_fit_their_schema", lambda: source(TooManyCells), "2 cells for 1 columns"),
    ("every_string_is_clean", lambda: source(having(BIDI)), "u202e"),
    ("every_string_is_clean", lambda: source(having(ESCAPE)), "x1b"),
    ("uids_are_unique_and_never_empty", lambda: source(SameUid), "have one uid 'p1'"),
    ("uids_are_unique_and_never_empty", lambda: source(having(NO_UID)), "empty"),
    ("only_known_objects_are_deleted", lambda: source(DeletesUnknown), "never there"),
    ("everything_crosses_the_wire", lambda: source(having(WRONG_TYPE)), "does not cross"),
    ("everything_crosses_the_wire", lambda: source(having(NAN)), "comes out as"),
    ("what_changes_is_shown", lambda: source(Unmoved), "nothing came"),
    ("closing_midway_frees_everything", lambda: source(LeavesTask), "still running"),
    ("closing_midway_frees_everything", lambda: source(ClosesSlowly), "took over 1 s"),
    ("closing_again_and_again_keeps_no_files_open", lambda: source(LeavesFile), "leaves a file"),
    ("cancelling_while_it_waits_ends_it", lambda: source(SwallowsCancel), "swallow"),
    ("two_streams_at_once_show_the_same", lambda: source(OneAtATime), "not complete"),
    ("two_streams_at_once_show_the_same", lambda: source(UidsPerStream), "at once differ"),
    ("a_second_stream_shows_the_same", lambda: source(UidsPerStream), "one after the other differ"),
    ("sources_made_anew_show_the_same", lambda: source(UidsPerSource), "made anew differ"),
    ("a_manifest_is_yaml", lambda: source(showing("a: [")), "is not YAML"),
    ("a_manifest_is_yaml", lambda: source(showing("a: \x1b[2J")), "not cleaned"),
    ("a_manifest_is_yaml", lambda: source(showing("just words")), "a mapping was expected"),
    ("a_manifest_is_yaml", lambda: source(showing({"a": 1})), "not text"),
    ("a_manifest_of_nothing_is_a_problem", lambda: source(ShowsAnything), "gave an answer"),
    ("a_node_that_is_not_there_is_refused", lambda: source(AnyNode), "was not Refused"),
    ("a_node_that_is_not_there_is_refused", lambda: source(ProblemNotRefused), "where Refused is meant"),
    ("a_pod_that_is_not_there_is_refused", lambda: source(AnyPod), "was not Refused"),
    ("a_unit_that_is_not_there_is_refused", lambda: source(AnyUnit), "was not Refused"),
    ("a_node_is_read_as_the_stream_shows_it", lambda: source(StaleNode), "cordoned here and not there"),
    ("a_node_is_read_as_the_stream_shows_it", lambda: source(AnotherUid), "is not node-1"),
    ("a_cordon_is_seen_in_the_stream", lambda: source(CordonUnseen), "was not seen"),
    ("a_dry_run_changes_nothing", lambda: source(DryRunCordons), "a dry run cordoned it"),
    ("a_cordon_is_conditional_on_the_uid", lambda: source(CordonsByName), "another uid"),
    ("read_only_refuses_every_write", lambda: source(WritesThough), "cordoned although read-only"),
    ("read_only_refuses_every_write", lambda: source(RestartsThough), "restarted although read-only"),
    ("a_review_is_one_line", lambda: source(reviewing(True)), "gave True"),
    ("a_review_is_one_line", lambda: source(reviewing("no\nway")), "not cleaned"),
    ("a_diagnosis_is_findings", lambda: source(finding([])), "no finding"),
    ("a_diagnosis_is_findings", lambda: source(finding(["fine"])), "is no Finding"),
    ("a_self_check_is_findings", lambda: source(finding([Finder])), "not cleaned"),
]
