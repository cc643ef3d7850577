"""What a login has to do with tokens: is taken with one, brings one, gives one back (XEP-0484)."""

import logging

from embedded_server.sessions.login import StreamLogin
from embedded_server.sessions.stream_context import StreamContext
from embedded_server.sessions.stream_host import UsedToken
from embedded_server.storage.errors import StorageError
from shared_protocol.errors import StreamCondition, StreamError
from shared_protocol.sasl.hashed_token import BOUND_TOKEN, token_offer
from shared_protocol.sasl.offer import SaslOffer
from shared_protocol.stanzas.login import tokens
from shared_protocol.stanzas.login.authentication import Authenticate

_logger = logging.getLogger(__name__)


class DeviceTokens:
    """Tokens in the logins of one stream; only clients that name their installation have any."""

    def __init__(self, context: StreamContext, login: StreamLogin) -> None:
        self._tokens = context.tokens
        self._offered = token_offer(login.offered)
        self._binding = login.channel_binding or b""

    def offer_for(self, asked: Authenticate) -> SaslOffer | None:
        """Return what is offered to who says that it comes with a token; None for all others."""
        is_with_token = asked.wanted(tokens.USE) is not None
        return self._offered if is_with_token and self._is_offered(asked.mechanism) else None

    async def fulfil(self, localpart: str, asked: Authenticate, used: UsedToken | None) -> bytes:
        """Delete and issue tokens as wanted, now that the login is done; returns what is told.

        Args:
            localpart: Who has logged in.
            asked: With what, and what was wanted besides.
            used: The token with which it was; None without one.

        Raises:
            StreamError: The token could not be deleted: who wants that must not believe that it is.
        """
        device = asked.user_agent.id
        if not device:
            return b""
        use = asked.wanted(tokens.USE)
        is_last_use = used is not None and use is not None and tokens.is_last_use(use)
        try:
            if is_last_use:
                await self._tokens.revoke(localpart, device)
        except StorageError as error:
            text = "the token could not be deleted"
            raise StreamError(StreamCondition.INTERNAL_SERVER_ERROR, text) from error
        mechanism = self._requested(asked)
        if not mechanism and used is not None and used.is_due and not is_last_use:
            mechanism = asked.mechanism
        return await self._issue(localpart, device, mechanism) if mechanism else b""

    def _requested(self, asked: Authenticate) -> str:
        request = asked.wanted(tokens.REQUEST)
        mechanism = tokens.requested_mechanism(request) if request is not None else ""
        return mechanism if self._is_offered(mechanism) else ""

    async def _issue(self, localpart: str, device: str, mechanism: str) -> bytes:
        binding = self._binding if mechanism == BOUND_TOKEN else b""
        try:
            token = await self._tokens.issue(localpart, device, mechanism, binding)
        except StorageError as error:  # the login is good without
            _logger.warning("a token could not be stored: %s", error)
            return b""
        return tokens.token_bytes(token)

    def _is_offered(self, mechanism: str) -> bool:
        return mechanism in self._offered.mechanisms
