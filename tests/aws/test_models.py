"""Of botocore's models what is used is there whole, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape

from providers.aws import models


def loaded(loader: Any, service: str) -> ServiceModel:
    return ServiceModel(loader.load_service_model(service, "service-2"), service)


@pytest.mark.parametrize("service", models.USED)
def test_what_is_used_is_as_botocore_has_it(service: str) -> None:
    ours, theirs = loaded(models.loader(), service), loaded(Loader(), service)
    assert set(ours.operation_names) == models.USED[service]
    assert ours.metadata == theirs.metadata
    for name in ours.operation_names:
        one, other = ours.operation_model(name), theirs.operation_model(name)
        assert one.http == other.http
        assert one.wire_name == other.wire_name
        assert [shape.name for shape in one.error_shapes] == [shape.name for shape in other.error_shapes]
        assert drawn(one.input_shape) == drawn(other.input_shape)
        assert drawn(one.output_shape) == drawn(other.output_shape)


def test_ec2_is_a_small_part_of_itself() -> None:
    """25 MB less, and 1.4 MB less for each region."""
    shapes = [
        len(loader.load_service_model("ec2", "service-2")["shapes"]) for loader in (models.loader(), Loader())
    ]
    assert shapes[0] < shapes[1] / 10


@pytest.mark.parametrize("service", ["sts", "sqs", "sso", "sso-oidc"])
def test_other_services_are_whole(service: str) -> None:
    ours, theirs = loaded(models.loader(), service), loaded(Loader(), service)
    assert ours.operation_names == theirs.operation_names


def drawn(shape: Shape | None, above: tuple[str, ...] = ()) -> Any:
    """A shape with all that is in it, to compare."""
    if shape is None or shape.name in above:
        return shape and shape.name
    inner = {
        **getattr(shape, "members", {}),
        **{part: getattr(shape, part) for part in ("member", "key", "value") if hasattr(shape, part)},
    }
    own = (shape.name, shape.type_name, shape.serialization, getattr(shape, "required_members", None))
    return own, {name: drawn(each, (*above, shape.name)) for name, each in inner.items()}
