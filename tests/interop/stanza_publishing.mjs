// stanza.js publishes for its account and at the service, and hears of it: says what it sees, one
// JSON object a line.
// Arguments: service (wss:), JID, password.
import { createHash } from "node:crypto";
import * as XMPP from "stanza";

const [service, jid, password] = process.argv.slice(2);
const client = XMPP.createClient({
  jid,
  password,
  resource: "stanza",
  transports: { websocket: service, bosh: false },
});
// Version 12.22 takes -PLUS where it is offered, and then does not bind the channel.
client.sasl.disable("SCRAM-SHA-256-PLUS");
client.sasl.disable("SCRAM-SHA-1-PLUS");
const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const heard = (event, isWanted = () => true) =>
  new Promise((resolve) => client.on(event, (found) => isWanted(found) && resolve(found)));
const domain = jid.split("@")[1];
const picture = Buffer.from("a picture that nobody looks at");

async function eventing() {
  const tune = heard("tune");
  await client.publishTune({ artist: "Yes", title: "Heart of the Sunrise" });
  const told = await tune;
  say({ tune: told.tune.artist, from: told.jid });

  const id = createHash("sha1").update(picture).digest("hex");
  const shown = heard("avatar", (one) => one.source === "vcard" && one.avatars[0].id === id);
  const published = heard("avatar", (one) => one.source === "pubsub");
  await client.publishAvatar(id, picture);
  await client.useAvatars([{ id, bytes: picture.length, mediaType: "image/png" }]);
  await shown;
  say({ avatar: (await published).avatars[0].id === id });
  const vcard = await client.getVCard(jid);
  const photo = vcard.records.find((one) => one.type === "photo");
  say({ photo: photo.data === picture.toString("base64") });
}

async function bookmarks() {
  const room = `orchard@conference.${domain}`;
  await client.addBookmark({ jid: room, name: "The orchard", autoJoin: true });
  const kept = await client.getItems(jid, "urn:xmpp:bookmarks:1");
  say({ bookmark: kept.items.map((one) => one.id) });
}

async function node() {
  const place = `pubsub.${domain}`;
  const made = await client.createNode(place);
  await client.subscribeToNode(place, made.node);
  const event = heard("pubsub:published", (one) => one.from === place);
  const mood = { itemType: XMPP.Namespaces.NS_MOOD, value: "annoyed" };
  await client.publish(place, made.node, mood, "1");
  const told = await event;
  say({ event: told.pubsub.items.published[0].content.value });
  const page = await client.getItems(place, made.node, { max: 1 });
  say({ items: page.items.map((one) => one.id) });
  const deleted = heard("pubsub:deleted");
  await client.deleteNode(place, made.node);
  await deleted;
  say({ deleted: true });
}

client.on("auth:failed", () => say({ error: "the login failed" }));
client.on("stream:error", (error) => say({ error: error.condition }));
client.on("session:started", async () => {
  try {
    await client.getRoster();
    client.sendPresence({ legacyCapabilities: client.updateCaps() });
    await eventing();
    await bookmarks();
    await node();
  } catch (error) {
    say({ error: error.error?.condition ?? String(error) });
  }
  client.disconnect();
});
client.on("stream:end", () => process.exit(0));
client.connect();
