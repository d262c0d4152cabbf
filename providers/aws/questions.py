"""What is asked of one account in one region: each question with all its pages, as what it is about."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from providers.aws import details, records
from providers.aws.account import Account
from providers.aws.budget import Urgency
from providers.aws.pages import READ, Page, Piece
from providers.contract import Problem
from providers.model import Instance, Record

INSTANCES_A_PAGE = 500
"""6 MB of XML: more at once would be held by as many threads as there are."""
FILTER_VALUES = 200
"""The most that EC2 takes in one call; for more it answers FilterLimitExceeded, which names this limit."""
_MANY = 1000
_OPEN = ["open", "active", "closed"]
_GROUPS_A_PAGE, _MEMBERS_A_PAGE = 100, 50
_EKS_A_PAGE = 100


@dataclass(frozen=True)
class Questions:
    """Each raises Problem. `account` has the hooks of `pages` on its clients."""

    account: Account
    region: str

    async def instances(self) -> AsyncIterator[Page]:
        """All instances, a page at a time. A page that is held is given again where nothing changed."""
        size, first = INSTANCES_A_PAGE, Urgency.INSTANCES
        async for answer in self._pages("ec2", "describe_instances", MaxResults=size, urgency=first):
            yield answer[READ]

    async def some(self, uids: Iterable[str], urgency: Urgency) -> list[Instance]:
        """Those of the instances that there are, in a request for every FILTER_VALUES of them."""
        wanted, found = sorted(uids), list[Instance]()
        for start in range(0, len(wanted), FILTER_VALUES):
            chosen = [{"Name": "instance-id", "Values": wanted[start : start + FILTER_VALUES]}]
            answers = self._pages("ec2", "describe_instances", Filters=chosen, urgency=urgency)
            found += [each async for answer in answers for each in answer[READ].objects]
        return found

    async def statuses(self) -> AsyncIterator[Page]:
        """Of all instances that run, a page at a time: pairs of an id and its status."""
        async for answer in self._pages("ec2", "describe_instance_status", MaxResults=_MANY):
            yield answer[READ]

    async def memberships(self) -> dict[str, details.Membership]:
        """Of all instances that are in an Auto Scaling group."""
        answers = self._pages("autoscaling", "describe_auto_scaling_instances", MaxRecords=_MEMBERS_A_PAGE)
        return details.memberships(
            [each async for answer in answers for each in answer["AutoScalingInstances"]]
        )

    async def spots(self) -> dict[str, details.Spot]:
        """Of all instances that were asked for as spot."""
        answers = self._pages("ec2", "describe_spot_instance_requests", MaxResults=_MANY)
        return details.requests([each async for answer in answers for each in answer["SpotInstanceRequests"]])

    async def prices(self, types: Sequence[str]) -> dict[details.PriceKey, float]:
        """Of spot instances of these types, now, in every zone."""
        answers = self._pages(
            "ec2",
            "describe_spot_price_history",
            InstanceTypes=list(types),
            StartTime=datetime.now(UTC),
            MaxResults=_MANY,
        )
        return details.prices([each async for answer in answers for each in answer["SpotPriceHistory"]])

    async def volumes(self) -> AsyncIterator[Page]:
        """All volumes, a page at a time."""
        async for answer in self._pages("ec2", "describe_volumes", MaxResults=_MANY):
            yield answer[READ]

    async def groups(self) -> AsyncIterator[Page]:
        """All Auto Scaling groups, a page at a time."""
        answers = self._pages("autoscaling", "describe_auto_scaling_groups", MaxRecords=_GROUPS_A_PAGE)
        async for answer in answers:
            yield _page(map(records.group, answer["AutoScalingGroups"]))

    async def clusters(self) -> AsyncIterator[Page]:
        """All EKS clusters, one at a time."""
        async for answer in self._pages("eks", "list_clusters", maxResults=_EKS_A_PAGE):
            for name in answer["clusters"]:
                described = await self._ask("eks", "describe_cluster", name=name)
                yield _page([records.cluster(described["cluster"])])

    async def nodegroups(self, clusters: Iterable[Record]) -> AsyncIterator[Page]:
        """All nodegroups of these clusters, one at a time."""
        for of in clusters:
            named = {"clusterName": of.name}
            async for answer in self._pages("eks", "list_nodegroups", maxResults=_EKS_A_PAGE, **named):
                for name in answer["nodegroups"]:
                    described = await self._ask("eks", "describe_nodegroup", nodegroupName=name, **named)
                    yield _page([records.nodegroup(described["nodegroup"], of)])

    async def _ask(self, service: str, operation: str, **arguments: Any) -> dict[str, Any]:
        return await self.account.call(self.region, service, operation, **arguments)

    async def _pages(self, service: str, operation: str, **arguments: Any) -> AsyncIterator[dict[str, Any]]:
        name = "nextToken" if service == "eks" else "NextToken"
        while True:
            answer = await self._ask(service, operation, **arguments)
            yield answer
            token = answer.get(name)
            if not token:
                return
            if token == arguments.get(name):
                raise Problem(
                    f"{self.account.name} {self.region}: {operation}: its pages go round in circles"
                )
            arguments[name] = token


def _page(found: Iterable[Record]) -> Page:
    return Page([Piece(tuple(found))])
