// xmpp.js logs in three times with one client: says what it sees, one JSON object a line.
// Arguments: service, domain, username, password.
import { client } from "@xmpp/client";

const [service, domain, username, password] = process.argv.slice(2);
const say = (value) => process.stdout.write(JSON.stringify(value) + "\n");
const xmpp = client({ service, domain, username, password, resource: "js" });

xmpp.on("error", (error) => say({ error: String(error) }));
xmpp.on("send", (element) => {
  if (element.is("authenticate")) say({ mechanism: element.attrs.mechanism });
});
try {
  for (const visit of [1, 2, 3]) {
    const address = await xmpp.start();
    const token = await xmpp.fast.fetchToken();
    say({ visit, online: address.toString(), token: token?.mechanism, expiry: token?.expiry });
    await xmpp.stop();
  }
} catch (error) {
  say({ error: String(error) });
  process.exit(1);
}
