"""One object of the fleet together with what is joined to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from providers.model import Kind, Ref

if TYPE_CHECKING:
    from console.source import SourceState


class Item:
    """An object as it is now. Only the fleet changes it; views read it.

    Slots and shared values: 100,000 pods with their indexes are held in about 110 MB.
    """

    __slots__ = (
        "generation",
        "guessed",
        "instance",
        "node",
        "obj",
        "pods",
        "ref",
        "source",
        "twins",
        "version",
    )

    ref: Ref
    obj: Any
    """The struct of `providers.model`; a `SourceInfo` where the kind is "source"."""
    source: SourceState
    version: int
    """Grows at each change, also of what is joined to it."""
    generation: int
    """Which run of the engine told of it last."""
    node: Item | None
    """Of a pod: the node of that name that exists now. Of an instance: the node that runs on it."""
    instance: Item | None
    """Of a node: the machine it runs on."""
    guessed: bool
    """Of a node and its instance: they are joined by an address, not by an id that either says."""
    twins: tuple[Item, ...]
    """Of an instance: the others of the same machine id, such as the one that a file declares."""
    pods: set[Item] | None
    """Of a node: the pods bound to its name; None for one that was replaced. Of a volume: the pods that
    claim it; None while there are none. None for other kinds."""

    def __init__(self, ref: Ref, obj: Any, source: SourceState, generation: int) -> None:
        self.ref = ref
        self.obj = obj
        self.source = source
        self.version = 1
        self.generation = generation
        self.node = None
        self.instance = None
        self.guessed = False
        self.twins = ()
        self.pods = None

    @property
    def kind(self) -> Kind:
        """What sort of object it is."""
        return self.ref.kind

    @property
    def name(self) -> str:
        """What people call it; an event goes by the name of what it is about."""
        try:
            name: str = self.obj.name
        except AttributeError:
            name = self.obj.about_name
        return name or self.ref.uid

    @property
    def namespace(self) -> str:
        """Its namespace, "" where its kind has none."""
        return str(getattr(self.obj, "namespace", ""))

    @property
    def stale_since(self) -> float | None:
        """Since when nothing is heard of its kind from its source; None while it is current."""
        return self.source.stale_since_of(self.ref.kind)

    def __repr__(self) -> str:
        return f"<Item {self.ref.source} {self.ref.kind} {self.name} v{self.version}>"
