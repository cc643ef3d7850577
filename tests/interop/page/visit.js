// One visit of a web client in a browser: tells the server of the page what it sees.
// Asked for in the address: client, service, domain, username, password, contact.
const wanted = Object.fromEntries(new URLSearchParams(location.search));
const say = (value) => fetch("/said", { method: "POST", body: JSON.stringify(value) });
const UPLOAD = "urn:xmpp:http:upload:0";

window.addEventListener("error", (event) => say({ error: event.message }));
window.addEventListener("unhandledrejection", (event) => say({ error: String(event.reason) }));

function visitByXmppJs() {
  const { client, xml } = window.XMPP;
  const { service, domain, username, password, contact } = wanted;
  const xmpp = client({ service, domain, username, password, resource: "page" });

  async function exchangeFile(iqCaller) {
    const content = "a file from a page";
    const request = xml("request", { xmlns: UPLOAD, filename: "page.txt", size: content.length });
    const answer = await iqCaller.request(xml("iq", { type: "get", to: `upload.${domain}` }, request));
    const slot = answer.getChild("slot", UPLOAD);
    const [put, get] = ["put", "get"].map((name) => slot.getChild(name).attrs.url);
    // The page is not of the server's own name here; the path is the same under every name.
    const reached = (url) => new URL(new URL(url).pathname, service.replace("wss:", "https:"));
    const stored = await fetch(reached(put), { method: "PUT", body: content });
    const got = await fetch(reached(get));
    say({ stored: stored.status, got: await got.text() });
  }

  xmpp.on("error", (error) => say({ error: String(error) }));
  xmpp.on("stanza", async (stanza) => {
    if (!stanza.is("message") || !stanza.getChildText("body")) return;
    say({ from: stanza.attrs.from, body: stanza.getChildText("body") });
    const body = xml("body", {}, "from a page by xmpp.js");
    await xmpp.send(xml("message", { type: "chat", to: contact }, body));
    await exchangeFile(xmpp.iqCaller);
    await xmpp.stop();
    say({ stopped: true });
  });
  xmpp.on("online", async (address) => {
    await xmpp.send(xml("presence"));
    await xmpp.iqCaller.get(xml("ping", "urn:xmpp:ping"), domain);
    say({ online: address.toString() });
  });
  xmpp.start();
}

function visitByStrophe() {
  const { Strophe, $iq, $msg, $pres } = window;
  const { service, domain, username, password, contact } = wanted;
  const connection = new Strophe.Connection(service);

  function onMessage(message) {
    const body = message.getElementsByTagName("body")[0];
    if (!body) return true;
    say({ from: message.getAttribute("from"), body: body.textContent });
    connection.send($msg({ to: contact, type: "chat" }).c("body").t("from a page by Strophe"));
    connection.flush(); // what is queued would be lost
    connection.disconnect("good night");
    return true;
  }

  connection.connect(`${username}@${domain}`, password, (status, condition) => {
    if (status === Strophe.Status.CONNECTED) {
      connection.addHandler(onMessage, null, "message");
      connection.send($pres());
      const ping = $iq({ type: "get", to: domain }).c("ping", { xmlns: "urn:xmpp:ping" });
      connection.sendIQ(ping, () => say({ online: connection.jid }));
    } else if (status === Strophe.Status.DISCONNECTED) {
      say({ stopped: true });
    } else if ([Strophe.Status.ERROR, Strophe.Status.CONNFAIL, Strophe.Status.AUTHFAIL].includes(status)) {
      say({ error: String(condition) });
    }
  });
}

({ "xmpp.js": visitByXmppJs, strophe: visitByStrophe })[wanted.client]();
