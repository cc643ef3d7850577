"""What the specifications built on personal eventing publish, taken from their examples."""

from dataclasses import dataclass
from textwrap import dedent

from tests.helpers.eventing import field

FOR_EVER = field("persist_items", "true")
MANY = field("max_items", "max")
OPEN = field("access_model", "open")
PRIVATE = field("access_model", "whitelist")
UNASKED = field("send_last_published_item", "never")


@dataclass(frozen=True)
class Example:
    """One publication.

    Attributes:
        source: The specification, and which of its examples.
        node: The node.
        payload: What is published.
        item_id: The id that the example gives; empty for none.
        options: Fields of the publish-options of the example.
        readers: Whose clients get it: "contacts" or "owner"; the owner's own do in any case.
        fetchers: Who may ask for it: "all", "contacts" or "owner".
    """

    source: str
    node: str
    payload: str
    item_id: str = ""
    options: str = ""
    readers: str = "contacts"
    fetchers: str = "contacts"

    @property
    def item(self) -> str:
        """The item as it is published."""
        named = f" id='{self.item_id}'" if self.item_id else ""
        return f"<item{named}>{dedent(self.payload).strip()}</item>"


EXAMPLES = (
    Example(
        "XEP-0107, example 1",
        "http://jabber.org/protocol/mood",
        """
        <mood xmlns='http://jabber.org/protocol/mood'>
          <annoyed/>
          <text>curse my nurse!</text>
        </mood>
        """,
    ),
    Example(
        "XEP-0107, example 3",
        "http://jabber.org/protocol/mood",
        "<mood xmlns='http://jabber.org/protocol/mood'/>",
    ),
    Example(
        "XEP-0108, example 1",
        "http://jabber.org/protocol/activity",
        """
        <activity xmlns='http://jabber.org/protocol/activity'>
          <relaxing>
            <partying/>
          </relaxing>
          <text xml:lang='en'>My nurse&apos;s birthday!</text>
        </activity>
        """,
    ),
    Example(
        "XEP-0118, example 1",
        "http://jabber.org/protocol/tune",
        """
        <tune xmlns='http://jabber.org/protocol/tune'>
          <artist>Yes</artist>
          <length>686</length>
          <rating>8</rating>
          <source>Yessongs</source>
          <title>Heart of the Sunrise</title>
          <track>3</track>
          <uri>http://www.yesworld.com/lyrics/Fragile.html#9</uri>
        </tune>
        """,
    ),
    Example(
        "XEP-0080, example 1",
        "http://jabber.org/protocol/geoloc",
        """
        <geoloc xmlns='http://jabber.org/protocol/geoloc' xml:lang='en'>
          <accuracy>20</accuracy>
          <country>Italy</country>
          <lat>45.44</lat>
          <locality>Venice</locality>
          <lon>12.33</lon>
        </geoloc>
        """,
    ),
    Example(
        "XEP-0172, example 11",
        "http://jabber.org/protocol/nick",
        "<nick xmlns='http://jabber.org/protocol/nick'>CallMeIshmael</nick>",
    ),
    Example(
        "XEP-0277, example 2",
        "urn:xmpp:microblog:0",
        """
        <entry xmlns='http://www.w3.org/2005/Atom'>
          <title type='xhtml'>
            <div xmlns="http://www.w3.org/1999/xhtml">
              <p>hanging out at the <strong>Caf&#233; Napolitano</strong></p>
            </div>
          </title>
          <id>tag:montague.lit,2008-05-08:posts-1cb57d9c-1c46-11dd-838c-001143d5d5db</id>
          <published>2008-05-08T18:30:02Z</published>
          <updated>2008-05-08T18:30:02Z</updated>
          <generator uri='https://capu.chat' version='42'>CapuChat</generator>
        </entry>
        """,
        item_id="1cb57d9c-1c46-11dd-838c-001143d5d5db",
    ),
    Example(
        "XEP-0472, geotagging a post",
        "urn:xmpp:microblog:0",
        """
        <entry xmlns='http://www.w3.org/2005/Atom'>
          <author>
            <name>Romeo Montague</name>
            <uri>xmpp:romeo@montague.lit</uri>
          </author>
          <title type='text'>Is lost in the forest. Need help!</title>
          <id>tag:montague.lit,2008-05-08:posts-1zr23z8a-3g12-34fh-750b-120867gjc1sqh</id>
          <published>2008-05-08T18:43:01Z</published>
          <updated>2008-05-08T18:43:01Z</updated>
          <geoloc xmlns="http://jabber.org/protocol/geoloc">
            <lat>48.171761</lat>
            <lon>-3.3667986</lon>
          </geoloc>
        </entry>
        """,
        item_id="1zr23z8a-3g12-34fh-750b-120867gjc1sqh",
    ),
    Example(
        "XEP-0384, adding the own device id to the list",
        "urn:xmpp:omemo:2:devices",
        """
        <devices xmlns='urn:xmpp:omemo:2'>
          <device id='12345' label='Dino on Lenovo Thinkpad T495' labelsig='b64/encoded/data'/>
          <device id='4223'/>
        </devices>
        """,
        item_id="current",
        options=OPEN,
        fetchers="all",
    ),
    Example(
        "XEP-0384, publishing bundle information with an open access model",
        "urn:xmpp:omemo:2:bundles",
        """
        <bundle xmlns='urn:xmpp:omemo:2'>
          <spk id='0'>b64/encoded/data</spk>
          <spks>b64/encoded/data</spks>
          <ik>b64/encoded/data</ik>
          <prekeys>
            <pk id='0'>b64/encoded/data</pk>
            <pk id='1'>b64/encoded/data</pk>
          </prekeys>
        </bundle>
        """,
        item_id="31415",
        options=MANY + OPEN,
        fetchers="all",
    ),
    Example(
        "XEP-0384 0.3.0, its nodes of the first kind",
        "eu.siacs.conversations.axolotl.devicelist",
        """
        <list xmlns='eu.siacs.conversations.axolotl'>
          <device id='12345'/>
          <device id='4223'/>
        </list>
        """,
        item_id="current",
        options=FOR_EVER + OPEN,
        fetchers="all",
    ),
    Example(
        "XEP-0222, example 1, open to all contacts",
        "urn:xmpp:tmp:pubkey",
        """
        <key xmlns='urn:xmpp:tmp:pubkey'>
          <x509cert>
            der-encoded-cert
          </x509cert>
        </key>
        """,
        item_id="julietRSAkey1hash",
        options=FOR_EVER + UNASKED,
    ),
    Example(
        "XEP-0223, example 1",
        "storage:bookmarks",
        """
        <storage xmlns='storage:bookmarks'>
          <conference name='The Play&apos;s the Thing' autojoin='true'
                      jid='theplay@conference.shakespeare.lit'>
            <nick>JC</nick>
            <password>Gl0b3</password>
          </conference>
        </storage>
        """,
        item_id="current",
        options=FOR_EVER + PRIVATE,
        readers="owner",
        fetchers="owner",
    ),
    Example(
        "XEP-0490, client marks a chat as displayed",
        "urn:xmpp:mds:displayed:0",
        """
        <displayed xmlns='urn:xmpp:mds:displayed:0'>
          <stanza-id xmlns='urn:xmpp:sid:0'
                     by='juliet@capulet.lit'
                     id='0f710f2b-52ed-4d52-b928-784dad74a52b'/>
        </displayed>
        """,
        item_id="romeo@montegue.lit",
        options=FOR_EVER + MANY + UNASKED + PRIVATE,
        readers="owner",
        fetchers="owner",
    ),
)
