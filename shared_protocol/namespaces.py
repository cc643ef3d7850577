"""Every XML namespace that Parlour speaks, by the document that defines it."""

# RFC 6120
CLIENT = "jabber:client"
STREAMS = "http://etherx.jabber.org/streams"
STREAM_ERRORS = "urn:ietf:params:xml:ns:xmpp-streams"
STANZA_ERRORS = "urn:ietf:params:xml:ns:xmpp-stanzas"
TLS = "urn:ietf:params:xml:ns:xmpp-tls"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
BIND = "urn:ietf:params:xml:ns:xmpp-bind"
XML = "http://www.w3.org/XML/1998/namespace"

# RFC 3921, section 3: answered for old clients, without effect
SESSION = "urn:ietf:params:xml:ns:xmpp-session"

# RFC 7395
FRAMING = "urn:ietf:params:xml:ns:xmpp-framing"

# RFC 6121
ROSTER = "jabber:iq:roster"
ROSTER_VERSIONING = "urn:xmpp:features:rosterver"
SUBSCRIPTION_PRE_APPROVAL = "urn:xmpp:features:pre-approval"

# XEP-0004, XEP-0122
DATA_FORMS = "jabber:x:data"
DATA_FORM_VALIDATION = "http://jabber.org/protocol/xdata-validate"

# XEP-0059
RESULT_SETS = "http://jabber.org/protocol/rsm"

# XEP-0012, XEP-0030, XEP-0077, XEP-0085, XEP-0092
LAST_ACTIVITY = "jabber:iq:last"
DISCO_INFO = "http://jabber.org/protocol/disco#info"
DISCO_ITEMS = "http://jabber.org/protocol/disco#items"
REGISTRATION = "jabber:iq:register"
REGISTRATION_FEATURE = "http://jabber.org/features/iq-register"
CHAT_STATES = "http://jabber.org/protocol/chatstates"
SOFTWARE_VERSION = "jabber:iq:version"

# XEP-0115, XEP-0160, XEP-0184, XEP-0198, XEP-0199
CAPS = "http://jabber.org/protocol/caps"
OFFLINE_MESSAGES = "msgoffline"
RECEIPTS = "urn:xmpp:receipts"
STREAM_MANAGEMENT = "urn:xmpp:sm:3"
PING = "urn:xmpp:ping"

# XEP-0202, XEP-0203, XEP-0280, XEP-0334, XEP-0359
ENTITY_TIME = "urn:xmpp:time"
DELAY = "urn:xmpp:delay"
CARBONS = "urn:xmpp:carbons:2"
CARBONS_RULES = "urn:xmpp:carbons:rules:0"
HINTS = "urn:xmpp:hints"
STANZA_IDS = "urn:xmpp:sid:0"

# XEP-0297, XEP-0313, XEP-0441
FORWARDING = "urn:xmpp:forward:0"
ARCHIVE = "urn:xmpp:mam:2"
ARCHIVE_EXTENDED = "urn:xmpp:mam:2#extended"
ARCHIVE_GROUPCHAT_FIELD = "urn:xmpp:mam:2#groupchat-field"

# XEP-0333, XEP-0352
CHAT_MARKERS = "urn:xmpp:chat-markers:0"
CLIENT_STATE = "urn:xmpp:csi:0"

# XEP-0444
REACTIONS = "urn:xmpp:reactions:0"

# XEP-0363
UPLOAD = "urn:xmpp:http:upload:0"
UPLOAD_PURPOSE = "urn:xmpp:http:upload:purpose:0"

# XEP-0065
BYTESTREAMS = "http://jabber.org/protocol/bytestreams"

# XEP-0124, XEP-0206
HTTP_BIND = "http://jabber.org/protocol/httpbind"
XMPP_OVER_BOSH = "urn:xmpp:xbosh"

# XEP-0386, XEP-0388, XEP-0480, XEP-0484
BIND2 = "urn:xmpp:bind:0"
SASL2 = "urn:xmpp:sasl:2"
SASL_UPGRADE = "urn:xmpp:sasl:upgrade:0"
SCRAM_UPGRADE = "urn:xmpp:scram-upgrade:0"
FAST = "urn:xmpp:fast:0"

# XEP-0440, XEP-0478
SASL_CHANNEL_BINDING = "urn:xmpp:sasl-cb:0"
STREAM_LIMITS = "urn:xmpp:stream-limits:0"

# XEP-0033, XEP-0060, XEP-0131, XEP-0163
EXTENDED_ADDRESSES = "http://jabber.org/protocol/address"
PUBSUB = "http://jabber.org/protocol/pubsub"
PUBSUB_OWNER = "http://jabber.org/protocol/pubsub#owner"
PUBSUB_EVENT = "http://jabber.org/protocol/pubsub#event"
PUBSUB_ERRORS = "http://jabber.org/protocol/pubsub#errors"
PUBSUB_NODE_CONFIGURATION = "http://jabber.org/protocol/pubsub#node_config"
PUBSUB_PUBLISH_OPTIONS = "http://jabber.org/protocol/pubsub#publish-options"
PUBSUB_SUBSCRIBE_OPTIONS = "http://jabber.org/protocol/pubsub#subscribe_options"
PUBSUB_SUBSCRIBE_AUTHORIZATION = "http://jabber.org/protocol/pubsub#subscribe_authorization"
PUBSUB_META_DATA = "http://jabber.org/protocol/pubsub#meta-data"
STANZA_HEADERS = "http://jabber.org/protocol/shim"

# XEP-0045: rooms
MUC = "http://jabber.org/protocol/muc"
MUC_USER = "http://jabber.org/protocol/muc#user"
MUC_ADMIN = "http://jabber.org/protocol/muc#admin"
MUC_OWNER = "http://jabber.org/protocol/muc#owner"
MUC_CONFIGURATION = "http://jabber.org/protocol/muc#roomconfig"
MUC_INFORMATION = "http://jabber.org/protocol/muc#roominfo"
MUC_REGISTRATION = "http://jabber.org/protocol/muc#register"
MUC_REQUEST = "http://jabber.org/protocol/muc#request"
MUC_STABLE_IDS = "http://jabber.org/protocol/muc#stable_id"
MUC_TRAFFIC = "http://jabber.org/protocol/muc#traffic"

# XEP-0249, XEP-0317, XEP-0410, XEP-0421, XEP-0425 with older forms, XEP-0433
DIRECT_INVITATIONS = "jabber:x:conference"
HATS = "urn:xmpp:hats:0"
MUC_SELF_PING = "http://jabber.org/protocol/muc#self-ping-optimization"
OCCUPANT_IDS = "urn:xmpp:occupant-id:0"
MODERATION = "urn:xmpp:message-moderate:1"
MODERATION_BEFORE = "urn:xmpp:message-moderate:0"
RETRACTION = "urn:xmpp:message-retract:1"
RETRACTION_BEFORE = "urn:xmpp:message-retract:0"
FASTENING = "urn:xmpp:fasten:0"
CHANNEL_SEARCH = "urn:xmpp:channel-search:0:search"
CHANNEL_SEARCH_FORM = "urn:xmpp:channel-search:0:search-params"
CHANNEL_SEARCH_ORDER = "urn:xmpp:channel-search:0:order"
CHANNEL_SEARCH_ERRORS = "urn:xmpp:channel-search:0:error"

# XEP-0191
BLOCKING = "urn:xmpp:blocking"
BLOCKING_ERRORS = "urn:xmpp:blocking:errors"

# XEP-0157
SERVER_INFORMATION = "http://jabber.org/network/serverinfo"
# XEP-0048, XEP-0084, XEP-0153, XEP-0292, XEP-0398, XEP-0402, XEP-0411, XEP-0490
PRIVATE_BOOKMARKS = "storage:bookmarks"
AVATAR_DATA = "urn:xmpp:avatar:data"
AVATAR_METADATA = "urn:xmpp:avatar:metadata"
VCARD_UPDATE = "vcard-temp:x:update"
VCARD4 = "urn:ietf:params:xml:ns:vcard-4.0"
VCARD4_NODE = "urn:xmpp:vcard4"
CONTACT_VCARDS = "urn:xmpp:contacts"
AVATAR_CONVERSION = "urn:xmpp:pep-vcard-conversion:0"
BOOKMARKS = "urn:xmpp:bookmarks:1"
BOOKMARKS_CONVERSION = "urn:xmpp:bookmarks-conversion:0"
DISPLAYED_SYNC = "urn:xmpp:mds:displayed:0"

# XEP-0049, XEP-0054, XEP-0055
PRIVATE_DATA = "jabber:iq:private"
VCARD = "vcard-temp"
SEARCH = "jabber:iq:search"

# XEP-0050, XEP-0133
COMMANDS = "http://jabber.org/protocol/commands"
ADMINISTRATION = "http://jabber.org/protocol/admin"

# XEP-0114
COMPONENT_ACCEPT = "jabber:component:accept"

# XEP-0215
EXTERNAL_SERVICES = "urn:xmpp:extdisco:2"

# XEP-0357
PUSH = "urn:xmpp:push:0"
PUSH_SUMMARY = "urn:xmpp:push:summary"
