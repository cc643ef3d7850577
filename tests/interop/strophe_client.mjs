// One visit of Strophe.js: says what it sees, one JSON object a line. It answers the first message
// from the contact and leaves at the second.
// Arguments: service (wss: or https:), JID, password, contact.
import { JSDOM } from "jsdom";
import { Strophe, $iq, $msg, $pres } from "strophe.js";

const [service, jid, password, contact] = process.argv.slice(2);
// What a browser has and Node has not: requests that carry the origin of their page.
globalThis.XMLHttpRequest = new JSDOM("", { url: service.replace("wss:", "https:") }).window.XMLHttpRequest;

console.log = console.info = console.debug = () => {}; // Strophe talks to itself
const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const connection = new Strophe.Connection(service);
let heard = 0;

function onMessage(message) {
  const body = message.getElementsByTagName("body")[0];
  if (!body || message.getElementsByTagName("delay").length) return true;
  say({ from: message.getAttribute("from"), body: Strophe.getText(body) });
  heard += 1;
  if (heard === 1) {
    connection.send($msg({ to: contact, type: "chat", id: "st1" }).c("body").t("from Strophe"));
  } else {
    connection.disconnect("good night");
  }
  return true;
}

function onConnected() {
  connection.addHandler(onMessage, null, "message");
  connection.send($pres());
  const domain = Strophe.getDomainFromJid(jid);
  const query = { xmlns: Strophe.NS.DISCO_INFO };
  connection.sendIQ($iq({ type: "get", to: domain }).c("query", query), (answer) => {
    const features = [...answer.getElementsByTagName("feature")].map((one) => one.getAttribute("var"));
    say({ online: connection.jid, features });
  });
}

connection.connect(jid, password, (status, condition) => {
  if (status === Strophe.Status.CONNECTED) onConnected();
  if (status === Strophe.Status.DISCONNECTED) {
    say({ stopped: true });
    process.exit(0);
  }
  if ([Strophe.Status.ERROR, Strophe.Status.CONNFAIL, Strophe.Status.AUTHFAIL].includes(status)) {
    say({ error: String(condition) });
  }
});
