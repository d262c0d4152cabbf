"""The client against real servers: what it sends, what it makes of answers, what it refuses to send."""

from __future__ import annotations

import asyncio
import gzip
import socket
import time
from pathlib import Path

import pytest
from aiohttp import web

from providers.contract import Problem, Refused, Uncertain
from providers.kubernetes import guard
from providers.kubernetes.client import ApiError, Client, Unreachable
from providers.kubernetes.sockets import keepalive_socket
from providers.kubernetes.target import User
from tests.kubernetes.https import Handler, serving, status, target


async def ok(_: web.Request) -> web.StreamResponse:
    return web.json_response({"kind": "PodList"})


def answering(response: web.Response) -> Handler:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=response.status, headers=response.headers, body=response.body)

    return answer


# ---- what it sends -----------------------------------------------------------------------------------


async def test_a_get_carries_path_query_token_and_who_we_are() -> None:
    async with serving(ok) as server:
        client = Client(target(server.url + "/k8s/clusters/c-1/", User(token="t0")))
        body = await client.get("/api/v1/pods", {"limit": "500", "fieldSelector": "a=b,c!=d"}, accept="a/b")
        await client.close()
    assert body == b'{"kind": "PodList"}'
    seen = server.seen[0]
    assert (seen.method, seen.path) == ("GET", "/k8s/clusters/c-1/api/v1/pods")
    assert seen.query == {"limit": "500", "fieldSelector": "a=b,c!=d"}
    assert seen.header("Authorization") == ["Bearer t0"]
    assert seen.header("Accept") == ["a/b"]
    assert seen.header("User-Agent")[0].startswith("quarterdeck/")


async def test_basic_authentication_and_impersonation() -> None:
    user = User(
        username="me",
        password="pä:ss",
        as_user="jane",
        as_uid="42",
        as_groups=("dev", "ops"),
        as_user_extra={"example.com/Reason": ("a", "b")},
    )
    async with serving(ok) as server:
        client = Client(target(server.url, user))
        await client.get("/version")
        await client.close()
    seen = server.seen[0]
    assert seen.header("Authorization") == ["Basic bWU6cMOkOnNz"]
    assert seen.header("Impersonate-User") == ["jane"]
    assert seen.header("Impersonate-Uid") == ["42"]
    assert seen.header("Impersonate-Group") == ["dev", "ops"]
    assert seen.header("Impersonate-Extra-example.com%2Freason") == ["a", "b"]


async def test_impersonating_groups_without_a_user_is_refused() -> None:
    client = Client(target("http://127.0.0.1:1", User(as_groups=("dev",))))
    with pytest.raises(Problem, match="impersonates groups without a user"):
        await client.get("/version")
    await client.close()


@pytest.mark.parametrize(
    ("host", "disabled", "option", "sent"),
    [
        ("127.0.0.1", False, "auto", "identity"),
        ("127.0.0.1", False, "on", "gzip"),
        ("127.0.0.1", True, "on", "gzip"),
        ("127.0.0.1", False, "off", "identity"),
    ],
)
async def test_gzip_is_asked_for_where_it_pays(host: str, disabled: bool, option: str, sent: str) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if "gzip" in request.headers["Accept-Encoding"]:
            return web.Response(body=gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"})
        return web.Response(body=b"{}")

    async with serving(answer) as server:
        client = Client(target(server.url, disable_compression=disabled), compression=option)  # type: ignore[arg-type]
        assert await client.get("/version") == b"{}"
        await client.close()
    assert server.seen[0].header("Accept-Encoding") == [sent]


@pytest.mark.parametrize(
    ("server", "disabled", "asked"),
    [
        ("https://ABC.gr7.eu-west-1.eks.amazonaws.com", False, True),
        ("https://ABC.gr7.eu-west-1.eks.amazonaws.com", True, False),
        ("https://203.0.113.7.nip.io:6443", False, True),
        ("https://8.8.8.8:6443", False, True),
        ("https://10.1.2.3:6443", False, False),
        ("https://[fd00::1]:6443", False, False),
        ("https://master:6443", False, False),
        ("https://kubernetes.default.svc", False, False),
    ],
)
def test_what_counts_as_far(server: str, disabled: bool, asked: bool) -> None:
    assert Client(target(server, disable_compression=disabled))._gzip is asked


@pytest.mark.parametrize(
    ("server", "user", "address"),
    [
        ("host:6443", User(), "http://host:6443"),
        ("host:6443", User(client_certificate="/x"), "https://host:6443"),
        ("https://host/", User(), "https://host"),
    ],
)
def test_addresses_without_a_scheme_are_read_as_kubectl_reads_them(
    server: str, user: User, address: str
) -> None:
    assert Client(target(server, user)).server == address


@pytest.mark.parametrize(
    "server", ["https://", "https:///", "ftp://host", "https://host:many", "https://[::1", "https://:6443"]
)
def test_what_is_no_address_names_the_cluster_and_the_file(server: str) -> None:
    with pytest.raises(Problem, match="'prod-cluster' has a server that is no address") as caught:
        Client(target(server))
    assert "/home/me/.kube/config" in caught.value.remedy


def test_a_password_in_the_address_is_refused_unseen() -> None:
    with pytest.raises(Problem, match="has a user name in its server's address") as caught:
        Client(target("https://me:hunter2@h:6443", User(token="t")))
    assert "hunter2" not in caught.value.detail + caught.value.remedy


def test_what_must_be_seen_on_every_screen() -> None:
    assert Client(target("http://h")).info.warnings == ("not encrypted",)
    assert Client(target("https://h", insecure_skip_tls_verify=True)).info.warnings == ("TLS not verified",)
    info = Client(target("https://h:6443")).info
    assert (info.warnings, info.address, info.name, info.cluster) == ((), "h:6443", "prod", "prod-cluster")


# ---- what it makes of answers ------------------------------------------------------------------------


async def failed(response: web.Response) -> ApiError:
    async with serving(answering(response)) as server:
        client = Client(target(server.url))
        with pytest.raises(ApiError) as caught:
            await client.get("/api/v1/nodes")
        await client.close()
    return caught.value


async def test_a_status_is_quoted_cleaned() -> None:
    error = await failed(status(403, "Forbidden", 'nodes is forbidden: User "v\x1b[31m" cannot list'))
    assert (error.status, error.reason, error.state) == (403, "Forbidden", "denied")
    assert error.message == 'nodes is forbidden: User "v␛[31m" cannot list'
    assert error.detail == error.message
    assert "right" in error.remedy


async def test_429_is_plain_text_and_says_when_to_come_back() -> None:
    text = "Too many requests, please try again later."
    error = await failed(web.Response(status=429, text=text, headers={"Retry-After": "7"}))
    assert (error.status, error.retry_after, error.message) == (429, 7.0, text)
    assert error.state == "lost"


async def test_a_retry_after_may_be_a_date_or_nonsense() -> None:
    later = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 30))
    error = await failed(web.Response(status=503, headers={"Retry-After": later}))
    assert error.retry_after is not None
    assert 25 < error.retry_after <= 30
    assert (await failed(web.Response(status=503, headers={"Retry-After": "soon"}))).retry_after is None
    assert (await failed(web.Response(status=503))).retry_after is None


@pytest.mark.parametrize("code", [400, 404, 409, 410, 422, 500, 502, 504])
async def test_every_error_status_is_an_api_error(code: int) -> None:
    error = await failed(status(code, "Because", "of this"))
    assert (error.status, error.reason) == (code, "Because")
    assert "of this" in error.detail


async def test_401_says_to_log_in() -> None:
    error = await failed(status(401, "Unauthorized", "Unauthorized"))
    assert (error.status, error.state) == (401, "denied")
    assert "does not accept the credentials" in error.detail
    assert "log in again" in error.remedy


async def test_a_redirect_is_not_followed_and_is_named() -> None:
    error = await failed(web.Response(status=302, headers={"Location": "https://login.example/sso"}))
    assert error.status == 302
    assert "redirects to https://login.example/sso: this is not a Kubernetes API" in error.detail


async def test_html_is_named_whatever_its_status() -> None:
    error = await failed(web.Response(status=503, text="<html>maintenance", content_type="text/html"))
    assert error.status == 503
    assert "with a web page" in error.detail
    page = web.Response(text="<!DOCTYPE html><h1>Router</h1>", content_type="text/html")
    async with serving(answering(page)) as server:
        client = Client(target(server.url))
        with pytest.raises(Unreachable, match="a web page: this is not a Kubernetes API"):
            await client.get("/api/v1/nodes")
        with pytest.raises(Unreachable, match="a web page: this is not a Kubernetes API"):
            async with client.stream("/api/v1/nodes"):
                pass
        await client.close()


async def test_the_clock_of_the_server_is_known() -> None:
    ahead = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 600))
    async with serving(answering(web.Response(body=b"{}", headers={"Date": ahead}))) as server:
        client = Client(target(server.url))
        assert client.clock_offset is None
        await client.get("/version")
        await client.close()
    assert client.clock_offset is not None
    assert 598 < client.clock_offset < 602


# ---- streams -----------------------------------------------------------------------------------------


async def test_a_stream_gives_what_is_there_at_once_and_ends_with_the_server() -> None:
    more = asyncio.Event()

    async def watch(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b'{"a"')
        await more.wait()
        await response.write(b":1}\n")
        return response

    async with serving(watch) as server:
        client = Client(target(server.url))
        async with client.stream("/api/v1/pods", {"watch": "1"}) as chunks:
            assert await anext(chunks) == b'{"a"'
            more.set()
            assert [chunk async for chunk in chunks] == [b":1}\n"]
        await client.close()
    assert server.seen[0].query == {"watch": "1"}


async def drained(client: Client, limits: dict[str, float]) -> list[bytes]:
    async with client.stream("/api/v1/pods", **limits) as chunks:  # type: ignore[arg-type]
        return [chunk async for chunk in chunks]


@pytest.mark.parametrize("limits", [{"sock_read": 0.2}, {"total": 0.2}])
async def test_L11_a_silent_stream_is_noticed(limits: dict[str, float]) -> None:
    async def silent(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"{}\n")
        await asyncio.sleep(30)
        return response

    async with serving(silent) as server:
        client = Client(target(server.url))
        with pytest.raises(Unreachable, match="stopped answering") as caught:
            await drained(client, limits)
        await client.close()
    assert caught.value.cause == "timeout"


async def test_L11_sockets_notice_a_dead_peer_by_themselves() -> None:
    made = keepalive_socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 1)))
    with made:
        assert made.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        idle = made.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
        probes = made.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT)
        between = made.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL)
        assert idle + probes * between <= 45
        assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) <= 45_000


async def test_L20_closing_ends_a_silent_stream_at_once() -> None:
    gone = asyncio.Event()

    async def silent(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            await asyncio.sleep(30)
        finally:
            gone.set()
        return response

    async with serving(silent) as server:
        client = Client(target(server.url))
        async with client.stream("/api/v1/pods"):
            started = time.monotonic()
        await client.close()
        assert time.monotonic() - started < 1
        await asyncio.wait_for(gone.wait(), 2)


# ---- writes ------------------------------------------------------------------------------------------


async def test_A7_a_write_without_an_answer_is_uncertain_and_is_sent_once() -> None:
    async def vanish(request: web.Request) -> web.StreamResponse:
        assert request.transport
        request.transport.abort()
        return web.Response()

    async with serving(vanish) as server:
        client = Client(target(server.url))
        for method in ("PATCH", "DELETE", "POST"):
            with pytest.raises(Uncertain) as caught:
                await client.send(method, "/api/v1/nodes/a", b"{}")
            assert "look" in caught.value.remedy
        await client.close()
    assert [seen.method for seen in server.seen] == ["PATCH", "DELETE", "POST"]


async def test_A7_a_write_that_times_out_is_uncertain() -> None:
    async def hang(_: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    async with serving(hang) as server:
        client = Client(target(server.url))
        with pytest.raises(Uncertain, match="stopped answering, after the request was sent"):
            await client.send("PATCH", "/api/v1/nodes/a", b"{}", timeout=0.3)
        await client.close()
    assert len(server.seen) == 1


async def test_a_write_that_never_left_is_not_uncertain() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    client = Client(target(f"http://127.0.0.1:{port}"))
    with pytest.raises(Unreachable) as caught:
        await client.send("PATCH", "/api/v1/nodes/a", b"{}")
    assert (caught.value.cause, caught.value.sent) == ("refused", False)
    await client.close()


async def test_reads_share_a_connection_and_each_write_has_its_own() -> None:
    async with serving(ok) as server:
        client = Client(target(server.url))
        for _ in range(3):
            await client.get("/version")
        for _ in range(2):
            await client.send(
                "PATCH", "/api/v1/nodes/a", b"[]", "application/json-patch+json", params={"a": "b"}
            )
        await client.close()
    assert len({seen.peer for seen in server.seen[:3]}) == 1
    assert len({seen.peer for seen in server.seen}) == 3
    assert server.seen[-1].header("Content-Type") == ["application/json-patch+json"]
    assert (server.seen[-1].query, server.seen[-1].body) == ({"a": "b"}, b"[]")


# ---- read-only ---------------------------------------------------------------------------------------

WRITES = [
    ("PATCH", "/api/v1/nodes/a"),
    ("DELETE", "/api/v1/namespaces/d/pods/p"),
    ("POST", "/api/v1/namespaces/d/pods/p/eviction"),
    ("PUT", "/api/v1/nodes/a"),
    ("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews"),
    ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x"),
    ("POST", "/apis/authorization.k8s.io/v1/namespaces/d/localsubjectaccessreviews"),
    ("POST", "/apis/example.com/v1/selfsubjectaccessreviews"),
    ("PATCH", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
]
SHELLS = [
    "/api/v1/namespaces/d/pods/p/exec",
    "/api/v1/namespaces/d/pods/p/attach",
    "/api/v1/namespaces/d/pods/p/portforward",
    "/api/v1/namespaces/d/pods/p/proxy/path",
    "/api/v1/namespaces/d/services/s/proxy",
    "/api/v1/nodes/n/proxy/run/d/p/c",
    "/api/v1/nodes/n/%70roxy",
    "/api/v1/nodes/n%2Fproxy",
    "/api/v1/nodes/n/Proxy",
    "/api/v1/proxy/nodes/n",
    "/api/v1/namespaces/x/proxy",
    "/api/v1/nodes/proxy/../n/proxy",
    "/apis/subresources.kubevirt.io/v1/namespaces/d/virtualmachineinstances/v/portforward/22",
    "/exec",
]
READS = [
    ("GET", "/api/v1/namespaces/proxy/pods"),
    ("GET", "/api/v1/namespaces/proxy"),
    ("GET", "/api/v1/namespaces/exec/pods/attach"),
    ("GET", "/api/v1/nodes/proxy"),
    ("GET", "/apis/apps/v1/namespaces/proxy/deployments/proxy"),
    ("GET", "/version"),
    ("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
    ("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"),
    ("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews"),
]


async def test_R1_a_read_only_client_sends_no_write_and_opens_no_session() -> None:
    async with serving(ok) as server:
        client = Client(target(server.url + "/prefix"), read_only=True)
        for method, path in WRITES:
            with pytest.raises(Refused, match="read-only"):
                await client.send(method, path, b"{}")
        for path in SHELLS:
            with pytest.raises(Refused, match="read-only"):
                await client.get(path)
            with pytest.raises(Refused, match="read-only"):
                async with client.stream(path):
                    pass
        assert server.seen == []
        for method, path in READS:
            await (client.get(path) if method == "GET" else client.send(method, path, b"{}"))
        assert len(server.seen) == len(READS)
        await client.close()


async def test_R1_holds_for_whoever_gets_at_the_connections() -> None:
    async with serving(ok) as server:
        client = Client(target(server.url), read_only=True)
        await client.get("/version")
        assert client._link
        for session in (client._link._reads, client._link._writes):
            with pytest.raises(Refused):
                await session.delete(f"{server.url}/api/v1/nodes/a")
            with pytest.raises(Refused):
                await session.get(f"{server.url}/api/v1/nodes", headers={"Upgrade": "SPDY/3.1"})
            with pytest.raises(Refused):
                await session.ws_connect(f"{server.url}/api/v1/nodes")
        await client.close()
    assert len(server.seen) == 1


def test_R1_an_upgrade_is_refused_whatever_it_asks() -> None:
    for method, path in READS:
        guard.check(method, path, upgrade=False)
        with pytest.raises(Refused):
            guard.check(method, path, upgrade=True)


async def test_a_client_that_may_write_writes() -> None:
    async with serving(ok) as server:
        client = Client(target(server.url))
        for method, path in WRITES[:3]:
            await client.send(method, path, b"{}")
        await client.close()
    assert [(seen.method, seen.path) for seen in server.seen] == WRITES[:3]


# ---- credentials that change -------------------------------------------------------------------------


def wanting(token: Path) -> Handler:
    """A server that accepts what the file holds at this moment."""

    def accepts(request: web.Request) -> bool:
        return request.headers.get("Authorization") == f"Bearer {token.read_text()}"

    async def answer(request: web.Request) -> web.StreamResponse:
        if accepts(request):
            return web.json_response({})
        return status(401, "Unauthorized", "Unauthorized")

    return answer


async def test_L14_a_rotated_token_file_is_read_again_on_401(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("one")
    (tmp_path / "accepted").write_text("one")
    async with serving(wanting(tmp_path / "accepted")) as server:
        client = Client(target(server.url, User(token_file=str(tmp_path / "token"))))
        await client.get("/version")
        (tmp_path / "token").write_text("two\n")
        (tmp_path / "accepted").write_text("two")
        await asyncio.gather(*(client.get("/version") for _ in range(5)))
        async with client.stream("/version") as chunks:
            assert b"".join([chunk async for chunk in chunks]) == b"{}"
        await client.close()
    assert server.seen[-1].header("Authorization") == ["Bearer two"]


async def test_L14_a_401_that_stays_is_told_after_one_renewal(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("one")
    (tmp_path / "accepted").write_text("other")
    async with serving(wanting(tmp_path / "accepted")) as server:
        client = Client(target(server.url, User(token_file=str(tmp_path / "token"))))
        with pytest.raises(ApiError) as caught:
            await client.get("/version")
        assert caught.value.status == 401
        assert len(server.seen) == 1  # the same token again would be no renewal
        (tmp_path / "token").write_text("two")
        with pytest.raises(ApiError):
            await client.get("/version")
        assert len(server.seen) == 3
        await client.close()
