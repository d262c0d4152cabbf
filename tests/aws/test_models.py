"""Of botocore's data and hooks what is used is there whole."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel, Shape
from botocore.session import Session

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


# ---- endpoints and hooks -----------------------------------------------------------------------------

PHASES = (
    "creating-client-class.{service}",
    "provide-client-params.{service}.{operation}",
    "before-parameter-build.{service}.{operation}",
    "before-endpoint-resolution.{service}",
    "choose-signer.{service}.{operation}",
    "before-sign.{service}.{operation}",
    "request-created.{service}.{operation}",
    "before-call.{service}.{operation}",
    "before-send.{service}.{operation}",
    "before-parse.{service}.{operation}",
    "response-received.{service}.{operation}",
    "needs-retry.{service}.{operation}",
    "after-call.{service}.{operation}",
    "getattr.{service}.anything",
)


def sessions() -> tuple[Session, Session]:
    """Ours and botocore's."""
    ours = Session(include_builtin_handlers=False)
    models.hook(ours)
    ours.register_component("data_loader", models.loader())
    return ours, Session()


@pytest.mark.parametrize("service", ["ec2", "autoscaling", "eks", "iam", "sts", "sqs", "sso", "sso-oidc"])
def test_every_hook_of_a_used_service_is_there(service: str) -> None:
    ours, theirs = sessions()
    client = theirs.create_client(service, "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    name = client.meta.service_model.service_id.hyphenize()
    operations = models.USED.get(service) or client.meta.service_model.operation_names
    for operation in operations:
        for phase in PHASES:
            event = phase.format(service=name, operation=operation)
            assert hooks(ours, event) == hooks(theirs, event), event


def hooks(session: Session, event: str) -> list[Any]:
    emitter = session.get_component("event_emitter")
    return list(emitter._emitter._handlers.prefix_search(emitter._alias_event_name(event)))


@pytest.mark.filterwarnings("ignore:Fetching the endpoint_resolver")
def test_regions_and_endpoints_are_botocores() -> None:
    ours, theirs = sessions()
    for partition in theirs.get_available_partitions():
        regions = theirs.get_available_regions("ec2", partition)
        assert ours.get_available_regions("ec2", partition) == regions
        for service in ("ec2", "autoscaling", "eks", "iam", "sts", "sqs", "portal.sso", "oidc"):
            for region in regions:
                one, other = (
                    each.get_component("endpoint_resolver").construct_endpoint(service, region)
                    for each in (ours, theirs)
                )
                assert one == other
