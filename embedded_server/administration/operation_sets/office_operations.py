"""All operations of an office in one registry, with a server that runs or without."""

from embedded_server.administration.open_office import OpenOffice
from embedded_server.administration.operation_sets.account_operations import (
    AccountOperations,
    AccountReports,
)
from embedded_server.administration.operation_sets.notice_operations import NoticeOperations
from embedded_server.administration.operation_sets.server_operations import (
    ServerControl,
    ServerOperations,
)
from embedded_server.administration.operation_sets.session_operations import SessionOperations
from embedded_server.administration.operations import OperationRegistry
from embedded_server.modules.service.notices import NoticesModule
from embedded_server.sessions.directory import SessionDirectory


def office_operations(
    office: OpenOffice,
    *,
    notices: NoticesModule,
    sessions: SessionDirectory | None = None,
    control: ServerControl | None = None,
) -> OperationRegistry:
    """Make the registry.

    Args:
        office: Open.
        notices: Loaded.
        sessions: Those of the server; None if none runs.
        control: The server; None if none runs. Its operations are then not there.
    """
    domain = office.settings.server.domain
    directory = sessions if sessions is not None else SessionDirectory()
    sources: list[object] = [
        AccountOperations(accounts=office.accounts, domain=domain),
        AccountReports(
            accounts=office.accounts,
            sessions=directory,
            rosters=office.rosters,
            activities=office.activities,
            waiting=office.messages,
            domain=domain,
        ),
        SessionOperations(sessions=directory, domain=domain),
        NoticeOperations(notices),
    ]
    if control is not None:
        sources.append(ServerOperations(control))
    return OperationRegistry(*sources)
