"""What can go wrong on the way to AWS, met for real where it can be, and told in words."""

from __future__ import annotations

import json
import socket
import ssl
import sys
from collections.abc import Awaitable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha1
from pathlib import Path

import pytest
from botocore import xform_name

from providers.aws import pages, sessions
from providers.aws.account import Account
from providers.aws.budget import Pace
from providers.aws.failure import problem
from providers.aws.threads import Threads
from providers.aws.troubles import Broken, NoIdentity, Throttled
from providers.contract import Problem, Uncertain
from tests.aws.endpoint import (
    NOTHING,
    WHO,
    Answering,
    Endpoint,
    Reply,
    Request,
    answering,
    refusal,
    refusal_of_sts,
)

KEYS = "aws_access_key_id = AKIATESTING\naws_secret_access_key = v3ryS3cr3tV4lue\n"


class Local:
    """A configuration, and endpoints on this machine."""

    def __init__(self, file: Path, threads: Threads, stack: ExitStack) -> None:
        self.config = file.write_text
        self._threads = threads
        self._stack = stack

    def serves(self, answer: Answering) -> Endpoint:
        """Serve until the test ends."""
        return self._stack.enter_context(answering(answer))

    def keys_at(self, url: str) -> None:
        """A profile with keys whose requests all go there."""
        self.config(f"[profile prod]\n{KEYS}endpoint_url = {url}\n")

    def account(self, profile: str = "prod", role: str = "") -> Account:
        make = partial(sessions.session, profile, "eu-west-1", role)
        return Account(profile, make, self._threads, Pace(10_000), pages.prepare, home="eu-west-1")


@pytest.fixture
def local(nobody: Path) -> Iterator[Local]:
    threads = Threads(4, "test")
    with ExitStack() as stack:
        yield Local(nobody / ".aws" / "config", threads, stack)
    threads.shutdown()


async def told(
    asked: Account, service: str = "ec2", operation: str = "describe_instances", **more: object
) -> Problem:
    return await words(asked.call("eu-west-1", service, operation, **more))


async def told_of_change(asked: Account, verb: str) -> Problem:
    return await words(asked.change("eu-west-1", "ec2", verb, InstanceIds=["i-1"]))


async def words(asking: Awaitable[object]) -> Problem:
    with pytest.raises(Problem) as raised:
        await asking
    said = raised.value
    assert "v3ryS3cr3tV4lue" not in said.detail + said.remedy
    assert "\n" not in said.detail + said.remedy
    return said


# ---- credentials -------------------------------------------------------------------------------------


async def test_no_credentials(local: Local) -> None:
    local.config("[profile prod]\nregion = eu-west-1\n")
    said = await told(local.account())
    assert said.detail == "prod eu-west-1: DescribeInstances: profile prod has no credentials"
    assert "`aws configure --profile prod`" in said.remedy
    assert said.state == "denied"


async def test_half_of_the_credentials(local: Local) -> None:
    local.config("[profile prod]\naws_access_key_id = AKIATESTING\n")
    said = await told(local.account())
    assert "aws_secret_access_key is missing" in said.detail


@pytest.mark.parametrize("session", [True, False])
async def test_an_expired_sso_session_says_the_command(local: Local, nobody: Path, session: bool) -> None:
    start = "https://example.awsapps.com/start"
    where = f"sso_start_url = {start}\nsso_region = eu-west-1\n"
    account_and_role = "sso_account_id = 123456789012\nsso_role_name = Reader\n"
    if session:
        local.config(f"[sso-session corp]\n{where}[profile prod]\nsso_session = corp\n{account_and_role}")
    else:
        local.config(f"[profile prod]\n{where}{account_and_role}")
    cache = nobody / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    name = sha1(b"corp" if session else start.encode()).hexdigest()
    ended = (datetime.now(UTC) - timedelta(hours=9)).strftime("%Y-%m-%dT%H:%M:%SZ")
    token = {"startUrl": start, "region": "eu-west-1", "accessToken": "t0k3n", "expiresAt": ended}
    (cache / f"{name}.json").write_text(json.dumps(token))
    said = await told(local.account())
    assert said.detail == (
        "prod eu-west-1: DescribeInstances: the SSO session of profile prod has expired or was never begun"
    )
    assert said.remedy == "`aws sso login --profile prod`, then refresh"
    assert said.state == "denied"
    assert "t0k3n" not in said.detail


async def test_after_logging_in_the_next_try_works(local: Local) -> None:
    local.config("[profile prod]\nregion = eu-west-1\n")
    asked = local.account()
    await told(asked)
    there = local.serves(lambda request: Reply(body=NOTHING))
    local.keys_at(there.url)
    assert (await asked.call("eu-west-1", "ec2", "describe_instances"))["Reservations"] == []


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (
            "import sys; sys.stderr.write('\\nvault is \\x1b[31msealed, token=abc123\\nmore'); sys.exit(3)",
            "sealed",
        ),
        ("import sys; sys.exit('no: SecretAccessKey=abc123 aws_secret_access_key: abc123')", "no: Secret"),
        ("print('not json')", "printed no JSON"),
        ("print('{\"Version\": 7}')", "Unsupported version"),
    ],
)
async def test_a_credential_process_that_fails(local: Local, tmp_path: Path, script: str, words: str) -> None:
    file = tmp_path / "process.py"
    file.write_text(script)
    local.config(f"[profile prod]\ncredential_process = {sys.executable} {file}\n")
    said = await told(local.account())
    assert words in said.detail
    assert "\x1b" not in said.detail
    assert "abc123" not in said.detail
    assert "more" not in said.detail


async def test_a_credential_process_that_is_not_there(local: Local) -> None:
    local.config("[profile prod]\ncredential_process = /nowhere/vault get\n")
    said = await told(local.account())
    assert "/nowhere/vault cannot be run" in said.detail


async def test_a_credential_process_that_works(
    local: Local,
    tmp_path: Path,
) -> None:
    there = local.serves(lambda request: Reply(body=NOTHING))
    file = tmp_path / "process.py"
    file.write_text('print(\'{"Version": 1, "AccessKeyId": "AKIAVAULT", "SecretAccessKey": "x"}\')')
    local.config(
        f"[profile prod]\ncredential_process = {sys.executable} {file}\nendpoint_url = {there.url}\n"
    )
    await local.account().call("eu-west-1", "ec2", "describe_instances")
    assert "AKIAVAULT" in there.requests[0].headers["authorization"]


async def test_a_second_factor_is_never_asked_for(
    local: Local,
    nobody: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there = local.serves(lambda request: Reply(body=NOTHING))
    monkeypatch.setattr("getpass.getpass", lambda prompt: pytest.fail(f"asked: {prompt}"))
    serial = "arn:aws:iam::1:mfa/me"
    role = "arn:aws:iam::123456789012:role/OnCall"
    local.config(
        f"[profile base]\n{KEYS}[profile prod]\nsource_profile = base\nrole_arn = {role}\n"
        f"mfa_serial = {serial}\nendpoint_url = {there.url}\n"
    )
    asked = local.account()
    said = await told(asked)
    assert "wants a second factor's code" in said.detail
    assert "`aws sts get-caller-identity --profile prod`" in said.remedy
    # What that command leaves behind is used.
    cache = nobody / ".aws" / "cli" / "cache"
    cache.mkdir(parents=True)
    name = sha1(json.dumps({"RoleArn": role, "SerialNumber": serial}, sort_keys=True).encode()).hexdigest()
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    kept = {"AccessKeyId": "AKIAKEPT", "SecretAccessKey": "x", "SessionToken": "y", "Expiration": until}
    (cache / f"{name}.json").write_text(json.dumps({"Credentials": kept}))
    await asked.call("eu-west-1", "ec2", "describe_instances")
    assert "AKIAKEPT" in there.requests[0].headers["authorization"]


@pytest.mark.parametrize("way", ["profile", "option"])
async def test_a_role_that_may_not_be_assumed_is_named(local: Local, way: str) -> None:
    role = "arn:aws:iam::123456789012:role/OnCall"
    said_by_aws = (
        f"User: arn:aws:iam::1:user/me is not authorized to perform: sts:AssumeRole on resource: {role}"
    )
    there = local.serves(lambda request: refusal_of_sts("AccessDenied", said_by_aws))
    if way == "profile":
        local.config(
            f"[profile base]\n{KEYS}[profile prod]\nsource_profile = base\nrole_arn = {role}\n"
            f"endpoint_url = {there.url}\n"
        )
        asked = local.account()
    else:
        local.keys_at(there.url)
        asked = local.account(role=role)
    said = await told(asked)
    assert said.detail == f"prod eu-west-1: DescribeInstances: profile prod may not assume {role}"
    assert said.state == "denied"
    assert "Action=AssumeRole" in there.requests[0].body
    assert len(there.requests) == 1


# ---- an instance's role ------------------------------------------------------------------------------


def metadata(request: Request, versions: int) -> Reply:
    if request.path == "/latest/api/token":
        return Reply(body="t0k3n") if versions == 2 else Reply(405)
    if versions == 2 and request.headers.get("x-aws-ec2-metadata-token") != "t0k3n":
        return Reply(401)
    if request.path.endswith("/security-credentials/"):
        return Reply(body="web")
    until = (datetime.now(UTC) + timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M:%SZ")
    keys = {"AccessKeyId": "AKIAIMDS", "SecretAccessKey": "x", "Token": "y", "Expiration": until}
    return Reply(body=json.dumps({"Code": "Success", **keys}))


async def test_an_instances_role_by_version_2(
    local: Local,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    imds = local.serves(lambda request: metadata(request, 2))
    there = local.serves(lambda request: Reply(body=NOTHING))
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", imds.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL", there.url)
    await local.account("environment").call("eu-west-1", "ec2", "describe_instances")
    assert "AKIAIMDS" in there.requests[0].headers["authorization"]


async def test_metadata_of_version_1_alone_is_not_used(
    local: Local,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    imds = local.serves(lambda request: metadata(request, 1))
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", imds.url)
    said = await told(local.account("environment"))
    assert f"at {imds.url} answers version 1 only (405" in said.detail
    assert {request.method for request in imds.requests} == {"PUT"}
    assert said.state == "denied"


async def test_metadata_that_is_absent(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", f"http://127.0.0.1:{port}")
    said = await told(local.account("environment"))
    assert f"no instance metadata service answers at http://127.0.0.1:{port}" in said.detail
    assert "this is no EC2 instance" in said.remedy


async def test_metadata_that_is_switched_off(
    local: Local,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    imds = local.serves(lambda request: Reply(403))
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", imds.url)
    assert "is switched off (403)" in (await told(local.account("environment"))).detail


# ---- answers -----------------------------------------------------------------------------------------

ENCODED = "You are not authorized to perform this operation. Encoded authorization failure message: 1dGhpcw"
EXACT = "User: arn:aws:iam::1:user/me is not authorized to perform: ec2:DescribeInstances because no"
TOO_OFTEN = "asked too often (RequestLimitExceeded)"


@pytest.mark.parametrize(
    ("reply", "kind", "state", "words"),
    [
        (refusal("RequestLimitExceeded", status=503), Throttled, "lost", TOO_OFTEN),
        (refusal("Throttling", status=400), Throttled, "lost", "asked too often (Throttling)"),
        (refusal("Weird", status=429), Throttled, "lost", "asked too often (Weird)"),
        (
            refusal("UnauthorizedOperation", ENCODED),
            Problem,
            "denied",
            "is not allowed ec2:DescribeInstances",
        ),
        (refusal("UnauthorizedOperation", EXACT), Problem, "denied", "is not allowed ec2:DescribeInstances"),
        (
            refusal("ExpiredToken", status=400),
            NoIdentity,
            "denied",
            "the session of profile prod has expired",
        ),
        (
            refusal("RequestExpired", status=400),
            NoIdentity,
            "denied",
            "the signature is not of this time (RequestExpired)",  # keys without a session
        ),
        (
            refusal("RequestExpired", ahead=900),
            NoIdentity,
            "denied",
            "the clock of this machine is 15 min behind",
        ),
        (refusal("AuthFailure", ahead=-7200), NoIdentity, "denied", "the clock of this machine is 2 h ahead"),
        (refusal("SignatureDoesNotMatch", ahead=900), NoIdentity, "denied", "15 min behind"),
        (
            refusal("SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier than 2027"),
            NoIdentity,
            "denied",
            "the signature is not of this time",
        ),
        (refusal("SignatureDoesNotMatch"), NoIdentity, "denied", "does not fit its access key"),
        (
            refusal("OptInRequired", status=401),
            Problem,
            "denied",
            "eu-west-1 is not enabled for profile prod",
        ),
        (
            refusal("AuthFailure", status=401),
            NoIdentity,
            "denied",
            "or eu-west-1 is not enabled for the account",
        ),
        (refusal("InvalidClientTokenId"), NoIdentity, "denied", "are not accepted (InvalidClientTokenId)"),
        (refusal("InternalError", status=500), Broken, "lost", "InternalError: no"),
        (refusal("Strange\x9b", "<b>", status=400), Problem, "lost", "the endpoint answered is not AWS's"),
        (refusal("InvalidParameterValue", "odd"), Problem, "lost", "InvalidParameterValue: odd"),
    ],
)
async def test_what_ec2_answers(
    local: Local,
    reply: Reply,
    kind: type[Problem],
    state: str,
    words: str,
) -> None:
    there = local.serves(lambda request: reply)
    local.keys_at(there.url)
    said = await told(local.account())
    assert words in said.detail
    assert said.detail.startswith("prod eu-west-1: DescribeInstances: ")
    assert type(said) is kind or (kind is Problem and not isinstance(said, (Throttled, NoIdentity, Broken)))
    assert said.state == state
    assert "1dGhpcw" not in said.detail


async def test_where_the_account_is_known_a_region_that_refuses_it_is_disabled(local: Local) -> None:
    there = local.serves(
        lambda request: (
            Reply(body=WHO) if "GetCallerIdentity" in request.body else refusal("AuthFailure", status=401)
        )
    )
    local.keys_at(there.url)
    asked = local.account()
    await asked.identity()
    with pytest.raises(Problem) as raised:
        await asked.call("eu-south-1", "ec2", "describe_instances")
    said = raised.value
    assert "eu-south-1 is not enabled for arn:aws:iam::123456789012:user/me (AuthFailure)" in said.detail
    assert "aws account enable-region --region-name eu-south-1" in said.remedy


@pytest.mark.parametrize("page", ["<!DOCTYPE html><html><br></html>", "\n<html><body>Welcome</body></html>"])
@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize(
    ("service", "operation"),
    [
        *(("ec2", xform_name(reader.operation)) for reader in pages.READERS),
        ("eks", "list_clusters"),
        ("sts", "get_caller_identity"),
    ],
)
async def test_an_endpoint_that_answers_html(
    local: Local,
    page: str,
    status: int,
    service: str,
    operation: str,
) -> None:
    there = local.serves(lambda request: Reply(status, page, "text/html"))
    local.keys_at(there.url)
    said = await told(local.account(), service, operation)
    assert "answered HTML, not AWS" in said.detail
    assert "check AWS_ENDPOINT_URL or endpoint_url of profile prod" in said.remedy
    assert said.state == "lost"  # nobody refused anything


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("Request has expired.", "the session of profile prod has expired (RequestExpired)"),
        (
            "Request must arrive within 15 minutes of the timestamp, or be expired.",
            "the signature is not of this time (RequestExpired): Request must arrive within 15 minutes",
        ),
    ],
)
async def test_an_expired_request_of_a_session_may_still_be_the_clock(
    local: Local, message: str, words: str
) -> None:
    there = local.serves(lambda request: refusal("RequestExpired", message, 400))
    local.config(f"[profile prod]\n{KEYS}aws_session_token = t0k3n\nendpoint_url = {there.url}\n")
    said = await told(local.account())
    assert words in said.detail
    assert ("clock" in said.remedy) == ("15 minutes" in message)


async def test_an_answer_that_is_nothing_known(local: Local) -> None:
    there = local.serves(lambda request: Reply(body="<hello"))
    local.keys_at(there.url)
    assert "is not AWS's" in (await told(local.account())).detail


# ---- the way there -----------------------------------------------------------------------------------


async def test_an_endpoint_that_refuses_connections(local: Local) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    local.config(f"[profile prod]\n{KEYS}endpoint_url = http://127.0.0.1:{port}\n")
    said = await told(local.account())
    assert f"http://127.0.0.1:{port}/ cannot be reached" in said.detail
    assert said.state == "lost"


async def test_an_endpoint_that_never_answers(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "READ_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        local.config(f"[profile prod]\n{KEYS}endpoint_url = http://127.0.0.1:{silent.getsockname()[1]}\n")
        asked = local.account()
        assert "no answer came from" in (await told(asked)).detail
        uncertain = await told_of_change(asked, "reboot_instances")
    assert isinstance(uncertain, Uncertain)
    assert "it may have been done" in uncertain.detail


async def test_a_proxy_that_does_not_lead_there(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    monkeypatch.setenv("HTTPS_PROXY", f"http://me:h1dden@127.0.0.1:{port}")
    local.config(f"[profile prod]\n{KEYS}endpoint_url = https://ec2.example.invalid\n")
    said = await told(local.account())
    assert "the proxy" in said.detail
    assert "h1dden" not in said.detail
    assert "HTTPS_PROXY" in said.remedy


async def test_a_certificate_that_is_not_trusted(local: Local) -> None:
    there = local.serves(lambda request: Reply(body=NOTHING))
    local.config(f"[profile prod]\n{KEYS}endpoint_url = {there.url.replace('http', 'https')}\n")
    said = await told(local.account())
    assert "TLS with https://127.0.0.1" in said.detail
    assert "AWS_CA_BUNDLE" in said.remedy


async def test_a_bundle_of_authorities_that_is_not_there(
    local: Local, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere/ca.pem")
    with socket.create_server(("127.0.0.1", 0)) as there:
        local.config(f"[profile prod]\n{KEYS}endpoint_url = https://127.0.0.1:{there.getsockname()[1]}\n")
        said = await told(local.account())
    assert "the file that AWS_CA_BUNDLE or ca_bundle names does not exist" in said.detail


# ---- sent twice, or never ----------------------------------------------------------------------------


async def test_what_reads_is_sent_once_more_when_the_server_had_a_fault(local: Local) -> None:
    there = local.serves(
        lambda request: refusal("InternalError", status=500) if faults.pop() else Reply(body=NOTHING)
    )
    faults = [False, True]
    local.keys_at(there.url)
    asked = local.account()
    await asked.call("eu-west-1", "ec2", "describe_instances")
    assert len(there.requests) == 2
    assert asked.pace.spent.calls == 2


@pytest.mark.parametrize("verb", ["reboot_instances", "start_instances", "stop_instances"])
@pytest.mark.parametrize(
    "reply", [refusal("InternalError", status=500), refusal("Unavailable", status=503), Reply(0)]
)
async def test_what_acts_is_never_sent_twice(
    local: Local,
    verb: str,
    reply: Reply,
) -> None:
    there = local.serves(lambda request: reply)
    local.keys_at(there.url)
    said = await told_of_change(local.account(), verb)
    assert isinstance(said, Uncertain)
    assert len(there.requests) == 1


async def test_throttling_is_not_met_with_another_request(local: Local) -> None:
    there = local.serves(lambda request: refusal("RequestLimitExceeded", status=503))
    local.keys_at(there.url)
    asked = local.account()
    await told(asked)
    assert len(there.requests) == 1
    assert asked.pace.spent.throttled == 1


def test_what_nobody_thought_of_is_told_all_the_same() -> None:
    said = problem(
        ssl.SSLError("odd\nsecret=abc123"), profile="prod", region="eu-west-1", operation="describe_instances"
    )
    assert said.detail.startswith("prod eu-west-1: DescribeInstances: ")
    assert "abc123" not in said.detail
