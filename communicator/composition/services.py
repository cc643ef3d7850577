"""Builds the services of a profile, each with what it needs and nothing else."""

from dataclasses import dataclass, replace

from communicator.hosting.office_hosting import ProcessOfficeHosting
from communicator.services.account_service import AccountService
from communicator.services.chat_service import ChatService, ChatStores
from communicator.services.clock import SystemClock
from communicator.services.connection_service import ConnectionService
from communicator.services.office_service import OfficeService
from communicator.services.password_service import PasswordService
from communicator.services.presence_service import PresenceService
from communicator.services.roster_service import RosterService
from communicator.session.slixmpp_session import SlixmppSession
from communicator.state.account import Account
from communicator.state.preferences import PreferencesState
from communicator.state.program_states import States
from communicator.storage.credentials import EncryptedFileCredentialStore
from communicator.storage.database import Database
from communicator.storage.drafts import SqlDrafts
from communicator.storage.history import SqlHistory
from communicator.storage.keyring_credentials import KeyringCredentialStore
from communicator.storage.outbox import SqlOutbox
from communicator.storage.profile_folder import ProfileFolder
from communicator.storage.roster_cache import SqlRosterCache


@dataclass(frozen=True, slots=True)
class Services:
    """What the program does."""

    database: Database
    passwords: PasswordService
    accounts: AccountService
    connection: ConnectionService
    roster: RosterService
    presence: PresenceService
    chat: ChatService
    office: OfficeService


async def build_services(states: States, profile: ProfileFolder) -> Services:
    """Open the database and build everything on it.

    Raises:
        StorageError: The data of the profile cannot be used.
    """
    clock = SystemClock()
    database = Database(profile.database)
    await database.open()
    session = SlixmppSession(waits_for_storage=True)
    passwords = _password_service(states, profile)
    connection = ConnectionService(
        session=session, state=states.connection, credentials=passwords, clock=clock
    )
    connection.account_changed.connect(
        lambda account: remember_account(states.preferences, account)
    )
    roster = RosterService(
        roster_session=session,
        presence_session=session,
        roster=states.roster,
        cache=SqlRosterCache(database),
    )
    presence = PresenceService(
        session=session,
        own=states.own_presence,
        preferences=states.preferences,
        may_send=roster.roster_loaded,
        clock=clock,
    )
    return Services(
        database=database,
        passwords=passwords,
        accounts=AccountService(
            session=session, passwords=passwords, preferences=states.preferences
        ),
        connection=connection,
        roster=roster,
        presence=presence,
        chat=_chat_service(session, states, database, clock),
        office=_office_service(states, clock),
    )


def _password_service(states: States, profile: ProfileFolder) -> PasswordService:
    return PasswordService(
        system_store=KeyringCredentialStore(),
        open_file=lambda phrase: EncryptedFileCredentialStore(profile.passwords, phrase),
        preferences=states.preferences,
    )


def _chat_service(
    session: SlixmppSession, states: States, database: Database, clock: SystemClock
) -> ChatService:
    return ChatService(
        session=session,
        conversations=states.conversations,
        roster=states.roster,
        stores=ChatStores(SqlHistory(database), SqlOutbox(database), SqlDrafts(database)),
        clock=clock,
    )


def _office_service(states: States, clock: SystemClock) -> OfficeService:
    return OfficeService(
        state=states.office,
        hosting=ProcessOfficeHosting(),
        preferences=states.preferences,
        clock=clock,
    )


def remember_account(preferences: PreferencesState, account: Account) -> None:
    """Keep a change of the account."""
    preferences.put(replace(preferences.preferences, account=account))
