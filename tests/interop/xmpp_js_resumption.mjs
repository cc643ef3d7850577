// xmpp.js on a network that fails: says what it sees, one JSON object a line, until its input ends.
// Arguments: service, domain, username, password, and "classic" to log in by RFC 6120.
import { client, xml } from "@xmpp/client";

const [service, domain, username, password, profile] = process.argv.slice(2);
const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const xmpp = client({ service, domain, username, password, resource: "js" });
xmpp.reconnect.delay = 100;
if (profile === "classic") {
  xmpp.prependListener("element", (element) => {
    element.children = element.children.filter((child) => child.name !== "authentication");
  });
}

xmpp.on("error", () => {}); // the connection is cut on purpose
xmpp.streamManagement.on("resumed", () => say({ resumed: xmpp.streamManagement.id }));
xmpp.streamManagement.on("fail", (stanza) => say({ failed: stanza.toString() }));
xmpp.streamManagement.on("ack", (stanza) => say({ acknowledged: stanza.attrs.id ?? "" }));
xmpp.on("stanza", async (stanza) => {
  const body = stanza.is("message") && stanza.getChildText("body");
  if (body) say({ body, delayed: Boolean(stanza.getChild("delay")) });
});
xmpp.on("online", async (address) => {
  await xmpp.send(xml("presence"));
  say({ online: address.toString() });
});
process.stdin.on("data", (line) =>
  xmpp.send(
    xml("message", { type: "chat", to: String(line).trim(), id: "js1" }, xml("body", {}, "I am back")),
  ),
);
process.stdin.on("end", () => xmpp.stop());
xmpp.start().catch((error) => say({ error: String(error) }));
