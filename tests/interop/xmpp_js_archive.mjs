// xmpp.js with copies and the archive: says what it sees, one JSON object a line. It asks for copies,
// and for the archive page by page when it is told to by a line with the page's size.
// Arguments: service, domain, username, password.
import { client, xml } from "@xmpp/client";

const [service, domain, username, password] = process.argv.slice(2);
const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const xmpp = client({ service, domain, username, password, resource: "js" });
const ARCHIVE = "urn:xmpp:mam:2";
const SETS = "http://jabber.org/protocol/rsm";
let results = [];

xmpp.on("error", (error) => say({ error: String(error) }));
xmpp.on("stanza", (stanza) => {
  if (!stanza.is("message")) return;
  const result = stanza.getChild("result", ARCHIVE);
  if (result) {
    const message = result.getChild("forwarded", "urn:xmpp:forward:0").getChild("message");
    results.push({ id: result.attrs.id, body: message.getChildText("body") });
  }
  for (const direction of ["sent", "received"]) {
    const copy = stanza.getChild(direction, "urn:xmpp:carbons:2");
    if (!copy || stanza.attrs.from !== `${username}@${domain}`) continue;
    const message = copy.getChild("forwarded", "urn:xmpp:forward:0").getChild("message");
    say({ direction, copied: message.getChildText("body"), to: message.attrs.to });
  }
});

async function pages(size) {
  const read = [];
  for (let after, isLast = false; !isLast; ) {
    results = [];
    const set = xml("set", SETS, xml("max", {}, size), ...(after ? [xml("after", {}, after)] : []));
    const query = xml("query", { xmlns: ARCHIVE }, set);
    const answer = await xmpp.iqCaller.request(xml("iq", { type: "set" }, query));
    const fin = answer.getChild("fin", ARCHIVE);
    isLast = fin.attrs.complete === "true";
    after = fin.getChild("set", SETS).getChildText("last");
    if (results.length && results.at(-1).id !== after) say({ error: "the last one is another" });
    read.push(results.map((one) => one.body));
  }
  return read;
}

xmpp.on("online", async (address) => {
  await xmpp.send(xml("presence", {}, xml("priority", {}, "-1")));
  await xmpp.iqCaller.set(xml("enable", "urn:xmpp:carbons:2"));
  say({ online: address.toString() });
});
process.stdin.on("end", () => xmpp.stop());
process.stdin.on("data", async (line) => say({ pages: await pages(String(line).trim()) }));
xmpp.start().catch((error) => say({ error: String(error) }));
