"""Why a machine is in its state, in a word or two where its cloud gives a code."""

from __future__ import annotations

_WORDS = {
    # EC2's codes, as its API reference lists them under StateReason.
    "Server.SpotInstanceTermination": "spot reclaimed",
    "Server.SpotInstanceShutdown": "spot reclaimed",
    "Server.InsufficientInstanceCapacity": "no capacity",
    "Server.InternalError": "an error inside AWS",
    "Server.ScheduledStop": "its host was retired",
    "Client.UserInitiatedShutdown": "by a user",
    "Client.UserInitiatedHibernate": "hibernated by a user",
    "Client.InstanceInitiatedShutdown": "shut down from inside",
    "Client.InstanceTerminated": "while an image was made of it",
    "Client.InternalError": "it could not be launched",
    "Client.InvalidSnapshot.NotFound": "a snapshot is missing",
    "Client.VolumeLimitExceeded": "volume limit exceeded",
    # A spot request's status, followed by what it says.
    "spot reclaimed": "spot reclaimed",
    # StateTransitionReason, followed by the time in parentheses.
    "User initiated": "by a user",
}


def reason_words(reason: str) -> str:
    """`spot reclaimed` for "Server.SpotInstanceTermination: …"; what is not known is told as it is."""
    code = reason.partition(":")[0].partition(" (")[0].strip()
    return _WORDS.get(code, reason)
