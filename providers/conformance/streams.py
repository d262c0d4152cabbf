"""Checks of what a stream says: its order, its objects, its strings, and that it crosses the wire."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from providers.conformance.kit import Kit, dirty
from providers.conformance.look import Look
from providers.contract import Source
from providers.model import Began, Complete, Deletes, Event, Kind, Object, Record, Schema, Upserts, kind_of
from providers.stream import Frame


class StreamChecks(Kit):
    """The batches of one stream, in order."""

    def test_each_kind_begins_and_completes(self) -> None:
        async def check(source: Source) -> None:
            found = await self.look(source)
            for kind in sorted(found.complete):
                marks = [batch for batch in found.batches if batch in (Began(kind), Complete(kind))]
                assert marks[0] == Began(kind), f"{kind}: Complete without Began"

        self.each(check)

    def test_nothing_comes_before_its_list_begins(self) -> None:
        async def check(source: Source) -> None:
            begun: set[Kind] = set()
            for batch in (await self.look(source, follow=True)).batches:
                if isinstance(batch, Began):
                    begun.add(batch.kind)
                early = sorted(set(_kinds(batch)) - begun)
                assert not early, f"{early[0]}: {type(batch).__name__} before Began"

        self.each(check)

    def test_every_kind_is_declared(self) -> None:
        async def check(source: Source) -> None:
            found = await self.look(source, follow=True)
            for batch in found.batches:
                for kind in _kinds(batch):
                    assert kind in found.info.kinds, f"{kind!r} is not among info.kinds {found.info.kinds}"

        self.each(check)

    def test_records_fit_their_schema(self) -> None:
        async def check(source: Source) -> None:
            schemas: dict[Kind, Schema] = {}
            for batch in (await self.look(source, follow=True)).batches:
                if isinstance(batch, Schema):
                    schemas[batch.kind] = batch
                for record in (obj for obj in _objects(batch) if isinstance(obj, Record)):
                    schema = schemas.get(record.kind)
                    assert schema, f"{record.kind}: a record before its Schema"
                    told = f"{record.name}: {len(record.cells)} cells for {len(schema.columns)} columns"
                    assert len(record.cells) == len(schema.columns), told

        self.each(check)

    def test_every_string_is_clean(self) -> None:
        async def check(source: Source) -> None:
            for batch in (await self.look(source, follow=True)).batches:
                assert not dirty(batch), f"not cleaned (providers.text.clean): {dirty(batch)}"

        self.each(check)

    def test_uids_are_unique_and_never_empty(self) -> None:
        async def check(source: Source) -> None:
            found = await self.look(source)
            names: dict[tuple[Kind, str], str] = {}
            for obj in (obj for batch in found.batches for obj in _objects(batch)):
                assert obj.uid, f"{_name(obj)}: its uid is empty"
                other = names.setdefault((kind_of(obj), obj.uid), _name(obj))
                assert other == _name(obj), f"{other} and {_name(obj)} have one uid {obj.uid!r}"

        self.each(check)

    def test_only_known_objects_are_deleted(self) -> None:
        async def check(source: Source) -> None:
            known: set[tuple[Kind, str]] = set()
            for batch in (await self.look(source, follow=True)).batches:
                known |= {(kind_of(obj), obj.uid) for obj in _objects(batch)}
                if isinstance(batch, Deletes):
                    gone = {(batch.kind, uid) for uid in batch.uids}
                    assert gone <= known, f"deleted and never there: {sorted(gone - known)[:3]}"
                    known -= gone

        self.each(check)

    def test_everything_crosses_the_wire(self) -> None:
        decoder = msgspec.msgpack.Decoder(Frame)

        async def check(source: Source) -> None:
            for batch in (await self.look(source, follow=True)).batches:
                frame = Frame(0.0, source.info.name, batch)
                try:
                    back = decoder.decode(msgspec.msgpack.encode(frame))
                except (msgspec.MsgspecError, TypeError, UnicodeError, OverflowError) as error:
                    raise AssertionError(f"{_start(batch)} does not cross: {error}") from None
                assert back == frame, f"{_start(batch)} comes out as {_start(back.body)}"

        self.each(check)

    def test_what_changes_is_shown(self) -> None:
        if type(self).stir is Kit.stir:
            return

        async def check(source: Source) -> None:
            found = await self.look(source, follow=True)
            assert _changes(found), f"{found.info.name}: stirred, and nothing came within {self.follow:g} s"

        self.each(check)


def _changes(found: Look) -> list[object]:
    return [batch for batch in found.batches[found.listed :] if isinstance(batch, Upserts | Deletes)]


def _kinds(batch: object) -> Iterator[Kind]:
    yield from (kind_of(obj) for obj in _objects(batch))
    if isinstance(batch, Deletes | Complete | Began):
        yield batch.kind


def _objects(batch: object) -> tuple[Object, ...]:
    return batch.objects if isinstance(batch, Upserts) else ()


def _name(obj: Object) -> str:
    name = obj.about_name + " " + obj.reason if isinstance(obj, Event) else obj.name
    return f"{kind_of(obj)} {getattr(obj, 'namespace', '')}/{name}"


def _start(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else text[:200] + "…"
