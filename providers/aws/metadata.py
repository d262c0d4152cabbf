"""Why an instance's role gives no credentials: its metadata service is absent, shut, or of the first version.

Only the second version is spoken, in which a token is fetched by PUT before anything is read: the first
answers whoever can make this machine send a GET.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping

from providers.aws.troubles import first_line

SERVICE = "http://169.254.169.254"
_TIMEOUT = 1.0


def endpoint(environ: Mapping[str, str]) -> str:
    """Where the metadata service is, without a slash at the end."""
    return environ.get("AWS_EC2_METADATA_SERVICE_ENDPOINT", SERVICE).rstrip("/")


def why_not(at: str) -> tuple[str, str]:
    """What is wrong with it and what to do, found by asking for a token. Blocks for a second at most."""
    headers = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
    request = urllib.request.Request(f"{at}/latest/api/token", method="PUT", headers=headers)
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        direct.open(request, timeout=_TIMEOUT).close()
    except urllib.error.HTTPError as error:
        with error:
            return _status(at, error.code)
    except OSError as error:
        return (
            f"no instance metadata service answers at {at} ({first_line(str(error))})",
            "this is no EC2 instance: say --profile; or it is a container, and the hop limit is 1:"
            " `aws ec2 modify-instance-metadata-options --http-put-response-hop-limit 2`",
        )
    return f"the instance metadata service at {at} gives tokens, but no role", "give the instance a role"


def _status(at: str, status: int) -> tuple[str, str]:
    if status == 403:
        return (
            f"the instance metadata service at {at} is switched off (403)",
            "switch it on, or say --profile",
        )
    return (
        f"the instance metadata service at {at} answers version 1 only ({status} to a request for a token),"
        " which is not used: it gives credentials to any GET",
        "update what answers there to IMDSv2, or say --profile",
    )
