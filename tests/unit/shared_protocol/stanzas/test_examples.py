"""The example in each module's docstring is XML that the module reads."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable
from xml.etree.ElementTree import Element, fromstring

import pytest

from shared_protocol import stanzas
from shared_protocol.stanzas import (
    archive,
    archive_preferences,
    caps,
    client_state,
    data_forms,
    delay,
    delivery,
    disco,
    form_answers,
    iq,
    messages,
    plain_text,
    presence,
    registration,
    result_sets,
    roster,
    senders,
    stream_management,
    subscription_states,
)
from shared_protocol.stanzas.entity import (
    commands,
    entity_time,
    external_services,
    last_activity,
    ping,
    push,
    software_version,
)
from shared_protocol.stanzas.files import bytestreams, uploads
from shared_protocol.stanzas.login import authentication, binding, tokens, upgrades
from shared_protocol.stanzas.message_parts import chat_states, receipts, stanza_ids
from shared_protocol.stanzas.privacy import blocking
from shared_protocol.stanzas.profile import (
    avatars,
    bookmarks,
    photo_hashes,
    private_data,
    user_search,
    vcards,
)
from shared_protocol.stanzas.pubsub import (
    answers,
    events,
    node_options,
    node_terms,
    owner_requests,
    refusals,
    requests,
    subscribe_options,
)
from shared_protocol.stanzas.rooms import (
    admin_query,
    channel_search,
    configuration,
    hat_commands,
    hats,
    invitations,
    join_request,
    moderation,
    occupant_id,
    owner_query,
    permissions,
    ranks,
    room_information,
    room_payload,
    room_registration,
    status_codes,
    voice_request,
)

READERS: dict[str, Callable[[Element], object]] = {
    archive.__name__: archive.query_from_element,
    archive_preferences.__name__: archive_preferences.from_element,
    authentication.__name__: authentication.from_element,
    binding.__name__: binding.from_element,
    tokens.__name__: tokens.from_element,
    upgrades.__name__: upgrades.continue_from_element,
    blocking.__name__: blocking.from_element,
    last_activity.__name__: last_activity.from_element,
    caps.__name__: caps.from_element,
    chat_states.__name__: chat_states.from_element,
    client_state.__name__: client_state.from_element,
    commands.__name__: commands.from_element,
    data_forms.__name__: data_forms.from_element,
    delay.__name__: delay.from_element,
    delivery.__name__: messages.from_element,
    disco.__name__: disco.info_from_element,
    entity_time.__name__: entity_time.from_element,
    external_services.__name__: external_services.from_element,
    form_answers.__name__: data_forms.from_element,
    iq.__name__: iq.payload_of,
    messages.__name__: messages.from_element,
    ping.__name__: ping.is_ping,
    plain_text.__name__: messages.from_element,
    push.__name__: push.from_element,
    presence.__name__: presence.from_element,
    receipts.__name__: receipts.received_id,
    bytestreams.__name__: bytestreams.activation_from_element,
    uploads.__name__: uploads.request_from_element,
    registration.__name__: registration.from_element,
    result_sets.__name__: result_sets.request_from_element,
    roster.__name__: roster.from_element,
    senders.__name__: senders.sender_of,
    software_version.__name__: software_version.from_element,
    stanza_ids.__name__: stanza_ids.origin_id_of,
    stream_management.__name__: stream_management.from_element,
    subscription_states.__name__: presence.from_element,
    avatars.__name__: avatars.infos_from_element,
    bookmarks.__name__: bookmarks.storage_from_element,
    photo_hashes.__name__: photo_hashes.hash_from_element,
    private_data.__name__: private_data.elements_of,
    user_search.__name__: user_search.search_from_element,
    vcards.__name__: vcards.photo_of,
    answers.__name__: answers.subscription_from_element,
    events.__name__: events.from_element,
    node_options.__name__: data_forms.from_element,
    node_terms.__name__: tuple,
    owner_requests.__name__: owner_requests.from_element,
    refusals.__name__: refusals.detail_from_element,
    requests.__name__: requests.from_element,
    subscribe_options.__name__: data_forms.from_element,
    admin_query.__name__: admin_query.from_element,
    channel_search.__name__: channel_search.from_element,
    configuration.__name__: data_forms.from_element,
    hat_commands.__name__: commands.from_element,
    hats.__name__: hats.hats_of,
    invitations.__name__: invitations.requests_of,
    join_request.__name__: join_request.from_element,
    moderation.__name__: moderation.request_from_element,
    occupant_id.__name__: occupant_id.occupant_id_of,
    owner_query.__name__: owner_query.destruction_of,
    permissions.__name__: admin_query.from_element,
    ranks.__name__: ranks.affiliation_of,
    room_information.__name__: disco.info_from_element,
    room_payload.__name__: room_payload.from_element,
    room_registration.__name__: room_registration.from_element,
    status_codes.__name__: room_payload.from_element,
    voice_request.__name__: data_forms.from_element,
}


def test_every_module_has_a_reader_here() -> None:
    found = pkgutil.walk_packages(stanzas.__path__, f"{stanzas.__name__}.")
    names = {module.name for module in found if not module.ispkg}

    assert names == set(READERS)


@pytest.mark.parametrize("name", sorted(READERS))
def test_docstring_holds_an_example_that_its_module_reads(name: str) -> None:
    documentation = inspect.getdoc(importlib.import_module(name)) or ""
    example = re.search(r"::\n\n((?:    .*\n?|\n)+)\Z", documentation)
    assert example is not None

    READERS[name](fromstring(example[1]))  # noqa: S314 - our own text


@pytest.mark.parametrize("name", sorted(READERS))
def test_docstring_names_its_source(name: str) -> None:
    documentation = inspect.getdoc(importlib.import_module(name)) or ""

    assert re.search(r"RFC \d{4}|XEP-\d{4} \d", documentation)
