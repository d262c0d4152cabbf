"""Credentials over time: fetched once whoever asks, believed while they last, renewed when refused."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from providers.contract import Problem
from providers.kubernetes import oidc
from providers.kubernetes.client import ApiError, Client
from providers.kubernetes.credentials import FILE_SECONDS, Credential, Credentials
from providers.kubernetes.target import AuthProvider, Exec, User, Variable
from tests.kubernetes.https import Authority, Handler, Server, serving, status, target

AUTHORITY = Authority()
V1BETA1 = "client.authentication.k8s.io/v1beta1"


class Clock:
    """Seconds since the epoch, as a test says."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


# ---- files -------------------------------------------------------------------------------------------


async def test_a_token_file_is_read_again_after_a_minute_and_its_token_wins(tmp_path: Path) -> None:
    file, clock = tmp_path / "token", Clock()
    file.write_text("one\n")
    held = Credentials(target("https://h", User(token_file=str(file), token="static")), clock)
    assert (await held.current()).authorization == "Bearer one"
    file.write_text("two\n")
    clock.now += 30
    assert (await held.current()).authorization == "Bearer one"
    clock.now += 31
    assert (await held.current()).authorization == "Bearer two"
    file.unlink()
    clock.now += 61
    assert (await held.current()).authorization == "Bearer static"


@pytest.mark.parametrize(
    ("content", "said"), [(None, "No such file"), (b"", "is empty"), (b"\xff\xfe", "not text")]
)
async def test_a_token_file_that_is_none(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Problem, match=said) as caught:
        await Credentials(target("https://h", User(token_file=str(file)))).current()
    assert str(file) in caught.value.detail
    assert caught.value.state == "denied"


async def test_nothing_at_all_is_anonymous() -> None:
    assert await Credentials(target("https://h")).current() == Credential()


def test_credentials_are_never_printed() -> None:
    shown = repr(Credential("Bearer SECRET"))
    assert "SECRET" not in shown


@pytest.mark.parametrize(
    ("name", "instead"), [("gcp", "gke-gcloud-auth-plugin"), ("azure", "kubelogin"), ("x", "exec")]
)
async def test_auth_providers_that_are_gone_name_what_replaces_them(name: str, instead: str) -> None:
    with pytest.raises(Problem, match=f"auth-provider '{name}'") as caught:
        await Credentials(target("https://h", User(auth_provider=AuthProvider(name)))).current()
    assert instead in caught.value.remedy
    assert "/home/me/.kube/config" in caught.value.remedy


# ---- exec plug-ins -----------------------------------------------------------------------------------


def counting(folder: Path, expires: str = "", fails: bool = False) -> Exec:
    """A plug-in whose tokens are t1, t2 … and which counts its runs in the file `runs`."""
    lines = [
        f"#!{sys.executable}",
        "import json, os, sys",
        f"runs = {str(folder / 'runs')!r}",
        "open(runs, 'a').write('x')",
        "number = os.path.getsize(runs)",
        "sys.exit('no session') if os.environ['FAILS'] else None",
        "status = {'token': f't{number}'}",
        f"status.update({{'expirationTimestamp': {expires!r}}} if {expires!r} else {{}})",
        f"print(json.dumps({{'apiVersion': {V1BETA1!r}, 'kind': 'ExecCredential', 'status': status}}))",
    ]
    program = folder / "plugin"
    program.write_text("\n".join(lines))
    program.chmod(0o755)
    return Exec(str(program), V1BETA1, env=(Variable("FAILS", "yes" if fails else ""),))


def runs(folder: Path) -> int:
    return len((folder / "runs").read_bytes()) if (folder / "runs").exists() else 0


async def test_a_plugin_runs_once_for_all_who_ask_at_once(tmp_path: Path) -> None:
    held = Credentials(target("https://h", User(exec=counting(tmp_path))))
    found = await asyncio.gather(*(held.current() for _ in range(8)))
    assert {one.authorization for one in found} == {"Bearer t1"}
    assert runs(tmp_path) == 1


async def test_a_plugins_token_is_used_until_shortly_before_its_end(tmp_path: Path) -> None:
    clock = Clock()
    end = datetime.fromtimestamp(clock.now + 900, UTC).isoformat()
    held = Credentials(target("https://h", User(exec=counting(tmp_path, end))), clock)
    first = await held.current()
    clock.now += 860
    assert await held.current() is first
    clock.now += 15
    assert (await held.current()).authorization == "Bearer t2"


async def test_a_token_that_has_ended_already_does_not_run_the_plugin_for_every_request(
    tmp_path: Path,
) -> None:
    clock = Clock()
    end = datetime.fromtimestamp(clock.now - 3600, UTC).isoformat()
    held = Credentials(target("https://h", User(exec=counting(tmp_path, end))), clock)
    for _ in range(5):
        await held.current()
    assert runs(tmp_path) == 1
    clock.now += 11
    await held.current()
    assert runs(tmp_path) == 2


async def test_a_failing_plugin_is_left_alone_for_a_moment(tmp_path: Path) -> None:
    clock = Clock()
    held = Credentials(target("https://h", User(exec=counting(tmp_path, fails=True))), clock)
    for _ in range(4):
        with pytest.raises(Problem, match="failed with status 1: no session"):
            await held.current()
    assert runs(tmp_path) == 1
    clock.now += 6
    with pytest.raises(Problem):
        await held.current()
    assert runs(tmp_path) == 2


def accepting(*tokens: str) -> Handler:
    async def answer(request: web.Request) -> web.StreamResponse:
        good = request.headers.get("Authorization") in [f"Bearer {token}" for token in tokens]
        return web.json_response({}) if good else status(401, "Unauthorized", "Unauthorized")

    return answer


async def test_L14_a_401_runs_the_plugin_once_more_for_all_requests_together(tmp_path: Path) -> None:
    async with serving(accepting("t2")) as server:
        client = Client(target(server.url, User(exec=counting(tmp_path))))
        await asyncio.gather(*(client.get("/version") for _ in range(8)))
        await client.close()
    assert runs(tmp_path) == 2
    assert len(server.seen) == 16


async def test_L14_a_plugin_whose_tokens_are_all_refused_runs_once_more_and_no_more(tmp_path: Path) -> None:
    async with serving(accepting("other")) as server:
        client = Client(target(server.url, User(exec=counting(tmp_path))))
        with pytest.raises(ApiError) as caught:
            await client.get("/version")
        await client.close()
    assert caught.value.status == 401
    assert (runs(tmp_path), len(server.seen)) == (2, 2)


# ---- OpenID Connect ----------------------------------------------------------------------------------


def jwt(expires: float, **more: Any) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": expires, **more}).encode()).decode().rstrip("=")
    return f"eyJhbGciOiJub25lIn0.{claims}.sig"


class Issuer:
    """An identity provider that answers as it is told and remembers the forms it got."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[tuple[int, dict[str, Any]]] = []
        self.forms: list[dict[str, str]] = []
        self.endpoint = ""

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/.well-known/openid-configuration"):
            endpoint = self.endpoint or f"{self.url}/token"
            return web.json_response({"issuer": self.url, "token_endpoint": endpoint})
        self.forms.append(dict(await request.post()))  # type: ignore[arg-type]
        code, answer = self.answers.pop(0)
        return web.json_response(answer, status=code)


def login(server: Server, issuer: Issuer, **more: str) -> User:
    issuer.url = server.url
    config = {
        "idp-issuer-url": server.url,
        "client-id": "deck",
        "client-secret": "s3",
        "refresh-token": "r1",
        "idp-certificate-authority-data": base64.b64encode(AUTHORITY.pem).decode(),
        **more,
    }
    return User(auth_provider=AuthProvider("oidc", {key: value for key, value in config.items() if value}))


async def test_oidc_uses_the_stored_token_while_it_lasts(tmp_path: Path) -> None:
    issuer, clock = Issuer(), Clock()
    async with serving(issuer, AUTHORITY.server_context(tmp_path)) as server:
        stored = jwt(clock.now + 600)
        held = Credentials(target("https://h", login(server, issuer, **{"id-token": stored})), clock)
        assert (await held.current()).authorization == f"Bearer {stored}"
        assert server.seen == []


async def test_oidc_refreshes_over_verified_tls_with_the_rotated_refresh_token(tmp_path: Path) -> None:
    issuer, clock = Issuer(), Clock()
    fresh, fresher = jwt(clock.now + 300, n=1), jwt(clock.now + 900, n=2)
    issuer.answers = [(200, {"id_token": fresh, "refresh_token": "r2"}), (200, {"id_token": fresher})]
    async with serving(issuer, AUTHORITY.server_context(tmp_path)) as server:
        old = jwt(clock.now - 5)
        held = Credentials(target("https://h", login(server, issuer, **{"id-token": old})), clock)
        assert (await held.current()).authorization == f"Bearer {fresh}"
        assert held.warnings == (oidc.ROTATED,)
        clock.now += 290
        assert (await held.current()).authorization == f"Bearer {fresher}"
    assert [form["refresh_token"] for form in issuer.forms] == ["r1", "r2"]
    assert server.seen[1].header("Authorization") == ["Basic " + base64.b64encode(b"deck:s3").decode()]


async def test_oidc_tries_the_secret_in_the_body_where_the_header_is_refused(tmp_path: Path) -> None:
    issuer = Issuer()
    token = jwt(time.time() + 300)
    issuer.answers = [(401, {"error": "invalid_client"}), (200, {"id_token": token})]
    async with serving(issuer, AUTHORITY.server_context(tmp_path)) as server:
        held = Credentials(target("https://h", login(server, issuer)))
        assert (await held.current()).authorization == f"Bearer {token}"
    assert issuer.forms[1]["client_secret"] == "s3"


async def test_oidc_a_refused_token_is_renewed_though_it_would_still_last(tmp_path: Path) -> None:
    issuer, clock = Issuer(), Clock()
    stored, fresh = jwt(clock.now + 600), jwt(clock.now + 900)
    issuer.answers = [(200, {"id_token": fresh})]
    async with serving(issuer, AUTHORITY.server_context(tmp_path)) as server:
        held = Credentials(target("https://h", login(server, issuer, **{"id-token": stored})), clock)
        assert await held.renew(await held.current())
        assert (await held.current()).authorization == f"Bearer {fresh}"


async def test_oidc_that_cannot_renew_says_why(tmp_path: Path) -> None:
    other = base64.b64encode(Authority("other").pem).decode()
    issuer = Issuer()
    issuer.answers = [
        (400, {"error": "invalid_grant", "error_description": "session\x1b[0m over"}),
        (200, {}),
    ]
    async with serving(issuer, AUTHORITY.server_context(tmp_path)) as server, serving(issuer) as plain:
        for change, said in (
            ({}, "refuses to renew the token: session␛"),
            ({}, "no id_token in its answer"),
            ({"refresh-token": ""}, "it has no refresh-token"),
            ({"idp-certificate-authority-data": other}, "gave no new token"),
            ({"idp-certificate-authority-data": ""}, "gave no new token"),
            (
                {"idp-certificate-authority-data": "", "idp-certificate-authority": "gone.crt"},
                "/home/me/.kube/gone.crt",
            ),
            ({"idp-issuer-url": plain.url}, "is not https"),
            ({"idp-issuer-url": server.url + "/elsewhere"}, "calls itself"),
        ):
            with pytest.raises(Problem, match="OIDC login of user 'admin'") as caught:
                await Credentials(target("https://h", login(server, issuer, **change))).current()
            assert said in caught.value.detail
            assert "r1" not in caught.value.detail
            assert caught.value.state == "denied"
        issuer.endpoint = plain.url
        with pytest.raises(Problem, match="is not https"):
            await Credentials(target("https://h", login(server, issuer))).current()
    assert plain.seen == []


@pytest.mark.parametrize("token", ["", "a.b", "a.!.c", "a.e30.c", "a.W10.c"])
def test_what_is_no_token_has_no_end(token: str) -> None:
    assert oidc.expires(token) is None


def test_the_end_of_a_token() -> None:
    moment = datetime.now(UTC) + timedelta(hours=1)
    assert oidc.expires(jwt(int(moment.timestamp()))) == int(moment.timestamp())


async def test_only_another_credential_counts_as_a_new_login(tmp_path: Path) -> None:
    file, now = tmp_path / "token", [1000.0]
    file.write_text("first")
    held = Credentials(target("https://api", User(token_file=str(file))), lambda: now[0])
    for content, logins in (("first", 0), ("first", 0), ("second", 1), ("second", 1)):
        file.write_text(content)
        now[0] += FILE_SECONDS + 1
        await held.current()
        assert held.logins == logins
