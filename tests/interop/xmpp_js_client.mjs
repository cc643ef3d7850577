// One visit of xmpp.js: says what it sees, one JSON object a line. It answers the first message
// from the contact and leaves at the second.
// Arguments: service, domain, username, password, contact, and "classic" to log in by RFC 6120.
import { client, xml } from "@xmpp/client";

const [service, domain, username, password, contact, profile] = process.argv.slice(2);
if (service.startsWith("wss:")) globalThis.WebSocket ??= (await import("ws")).WebSocket;
const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const xmpp = client({ service, domain, username, password, resource: "js" });
let heard = 0;

if (profile === "classic") {
  xmpp.prependListener("element", (element) => {
    element.children = element.children.filter((child) => child.name !== "authentication");
  });
}
xmpp.on("error", (error) => say({ error: String(error) }));
xmpp.on("stanza", async (stanza) => {
  if (!stanza.is("message") || !stanza.getChildText("body")) return;
  if (stanza.getChild("delay")) return; // of an earlier visit that left without acknowledging
  say({ from: stanza.attrs.from, body: stanza.getChildText("body") });
  heard += 1;
  if (heard === 1) {
    await xmpp.send(
      xml("message", { type: "chat", to: contact, id: "js1" }, xml("body", {}, "from xmpp.js")),
    );
  } else {
    await xmpp.stop();
    say({ stopped: true });
  }
});
xmpp.on("online", async (address) => {
  await xmpp.send(xml("presence"));
  const { iqCaller } = xmpp;
  const info = await iqCaller.get(xml("query", "http://jabber.org/protocol/disco#info"), domain);
  const features = info.getChildren("feature").map((feature) => feature.attrs.var);
  say({ online: address.toString(), features, streamManagement: xmpp.streamManagement.enabled });
});
xmpp.start().catch((error) => {
  say({ error: String(error) });
  process.exit(1);
});
