// One visit of stanza.js: says what it sees, one JSON object a line. It answers the first message
// from the contact and leaves at the second.
// Arguments: service (wss: or https:), JID, password, contact.
import * as XMPP from "stanza";

const [service, jid, password, contact] = process.argv.slice(2);
const isWebSocket = service.startsWith("wss:");
const client = XMPP.createClient({
  jid,
  password,
  resource: "stanza",
  transports: { websocket: isWebSocket ? service : false, bosh: isWebSocket ? false : service },
});
// Version 12.22 takes -PLUS where it is offered, and then does not bind the channel.
client.sasl.disable("SCRAM-SHA-256-PLUS");
client.sasl.disable("SCRAM-SHA-1-PLUS");
const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");
let heard = 0;

client.on("auth:failed", () => say({ error: "the login failed" }));
client.on("stream:error", (error) => say({ error: error.condition }));
client.on("session:started", async () => {
  const info = await client.getDiscoInfo(jid.split("@")[1]);
  await client.getRoster();
  const shown = new Promise((resolve) => {
    client.on("presence", (presence) => presence.from === client.jid && resolve());
  });
  client.sendPresence();
  await shown;
  say({ online: client.jid, features: info.features });
});
client.on("message", (message) => {
  if (!message.body || message.delay) return;
  say({ from: message.from, body: message.body });
  heard += 1;
  if (heard === 1) {
    client.sendMessage({ to: contact, type: "chat", body: "from stanza" });
  } else {
    client.disconnect();
  }
});
client.on("stream:end", () => {
  say({ stopped: true });
  process.exit(0);
});
client.connect();
