<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>ActionRegistry</name>
    <message>
        <source>Add a person</source>
        <translation>Person hinzufügen</translation>
    </message>
    <message>
        <source>Add a colleague to the office</source>
        <translation>Teammitglied ins Büro aufnehmen</translation>
    </message>
    <message>
        <source>Filter people and conversations</source>
        <translation>Personen und Unterhaltungen filtern</translation>
    </message>
    <message>
        <source>Next conversation</source>
        <translation>Nächste Unterhaltung</translation>
    </message>
    <message>
        <source>Previous conversation</source>
        <translation>Vorige Unterhaltung</translation>
    </message>
    <message>
        <source>Next unread conversation</source>
        <translation>Nächste ungelesene Unterhaltung</translation>
    </message>
    <message>
        <source>Previous unread conversation</source>
        <translation>Vorige ungelesene Unterhaltung</translation>
    </message>
    <message>
        <source>Close conversation</source>
        <translation>Unterhaltung schließen</translation>
    </message>
    <message>
        <source>Details of the person</source>
        <translation>Einzelheiten zur Person</translation>
    </message>
    <message>
        <source>Your presence</source>
        <translation>Ihre Anwesenheit</translation>
    </message>
    <message>
        <source>Show people who are offline</source>
        <translation>Abwesende anzeigen</translation>
    </message>
    <message>
        <source>Next part of the window</source>
        <translation>Nächster Teil des Fensters</translation>
    </message>
    <message>
        <source>Previous part of the window</source>
        <translation>Voriger Teil des Fensters</translation>
    </message>
    <message>
        <source>Larger text</source>
        <translation>Größere Schrift</translation>
    </message>
    <message>
        <source>Smaller text</source>
        <translation>Kleinere Schrift</translation>
    </message>
    <message>
        <source>Normal size of text</source>
        <translation>Normale Schriftgröße</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Sign out</source>
        <translation>Abmelden</translation>
    </message>
    <message>
        <source>Quit Parlour</source>
        <translation>Parlour beenden</translation>
    </message>
    <message>
        <source>Conversation {0}</source>
        <translation>Unterhaltung {0}</translation>
    </message>
</context>
<context>
    <name>AddContactPanel</name>
    <message>
        <source>Add a person</source>
        <translation>Person hinzufügen</translation>
    </message>
    <message>
        <source>The person is asked first. After that you see each other&apos;s presence.</source>
        <translation>Die Person wird zuerst gefragt. Danach sehen Sie gegenseitig, ob Sie anwesend sind.</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>juliet@capulet.lit</source>
        <translation>juliet@capulet.lit</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Only you see it.</source>
        <translation>Nur Sie sehen ihn.</translation>
    </message>
    <message>
        <source>Group</source>
        <translation>Gruppe</translation>
    </message>
    <message>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <source>Only write a message</source>
        <translation>Nur eine Nachricht schreiben</translation>
    </message>
    <message>
        <source>Whom do you want to add?</source>
        <translation>Wen möchten Sie hinzufügen?</translation>
    </message>
</context>
<context>
    <name>AddressPage</name>
    <message>
        <source>Where is the server?</source>
        <translation>Wo ist der Server?</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Name or number of the computer. Leave it empty to find it by name.</source>
        <translation>Name oder Nummer des Computers. Leer lassen, um ihn über den Namen zu finden.</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>Port</translation>
    </message>
    <message>
        <source>Connect</source>
        <translation>Verbinden</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>For the account {0}.</source>
        <translation>Für das Konto {0}.</translation>
    </message>
    <message>
        <source>1 to 65535</source>
        <translation>1 bis 65535</translation>
    </message>
</context>
<context>
    <name>CertificatePage</name>
    <message>
        <source>The fingerprint is the same</source>
        <translation>Der Fingerabdruck ist derselbe</translation>
    </message>
    <message>
        <source>Type the first 8 characters that the person reads to you</source>
        <translation>Geben Sie die ersten 8 Zeichen ein, die Ihnen vorgelesen werden</translation>
    </message>
    <message>
        <source>Trust this server</source>
        <translation>Diesem Server vertrauen</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Edit address</source>
        <translation>Adresse ändern</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>Bericht kopieren</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Issued by</source>
        <translation>Ausgestellt von</translation>
    </message>
    <message>
        <source>Valid until</source>
        <translation>Gültig bis</translation>
    </message>
    <message>
        <source>Fingerprint (SHA-256)</source>
        <translation>Fingerabdruck (SHA-256)</translation>
    </message>
    <message>
        <source>itself, no authority vouches for it</source>
        <translation>sich selbst, keine Stelle bürgt dafür</translation>
    </message>
    <message>
        <source>This is not the server you joined</source>
        <translation>Das ist nicht der Server, dem Sie beigetreten sind</translation>
    </message>
    <message>
        <source>This certificate belongs to &quot;{0}&quot;, not to &quot;{1}&quot;</source>
        <translation>Dieses Zertifikat gehört zu „{0}“, nicht zu „{1}“</translation>
    </message>
    <message>
        <source>nobody</source>
        <translation>niemandem</translation>
    </message>
    <message>
        <source>The certificate is too weak</source>
        <translation>Das Zertifikat ist zu schwach</translation>
    </message>
    <message>
        <source>This server is not known yet</source>
        <translation>Dieser Server ist noch nicht bekannt</translation>
    </message>
    <message>
        <source>The certificate begins on {0}</source>
        <translation>Das Zertifikat gilt erst ab {0}</translation>
    </message>
    <message>
        <source>an unknown day</source>
        <translation>einem unbekannten Tag</translation>
    </message>
    <message>
        <source>The certificate ended on {0}</source>
        <translation>Das Zertifikat ist am {0} abgelaufen</translation>
    </message>
    <message>
        <source>It has the same name, but another key. Somebody may be listening. Nothing was sent to it.</source>
        <translation>Er hat denselben Namen, aber einen anderen Schlüssel. Vielleicht hört jemand mit. Es wurde nichts an ihn gesendet.</translation>
    </message>
    <message>
        <source>The address may be mistyped, or this is another server. Nothing was sent to it.</source>
        <translation>Vielleicht ist die Adresse falsch geschrieben, oder es ist ein anderer Server. Es wurde nichts an ihn gesendet.</translation>
    </message>
    <message>
        <source>Its key or its signature can be forged today. Nothing was sent to the server.</source>
        <translation>Sein Schlüssel oder seine Unterschrift lässt sich heute fälschen. Es wurde nichts an den Server gesendet.</translation>
    </message>
    <message>
        <source>The server may have been neglected, or the clock of this computer may be wrong. Nothing was sent to it.</source>
        <translation>Vielleicht wurde der Server vernachlässigt, oder die Uhr dieses Computers geht falsch. Es wurde nichts an ihn gesendet.</translation>
    </message>
    <message>
        <source>No authority that this computer knows vouches for it. Compare the fingerprint once, so that nobody can listen. Nothing was sent to it yet.</source>
        <translation>Keine Stelle, die dieser Computer kennt, bürgt für ihn. Vergleichen Sie einmal den Fingerabdruck, damit niemand mithören kann. Es wurde noch nichts an ihn gesendet.</translation>
    </message>
    <message>
        <source>Ask the person who runs the server to read you the fingerprint.</source>
        <translation>Lassen Sie sich den Fingerabdruck von der Person vorlesen, die den Server betreibt.</translation>
    </message>
    <message>
        <source>Ask the person who runs the office. If the office was made anew, you need a new invitation.</source>
        <translation>Fragen Sie die Person, die das Büro betreibt. Wurde das Büro neu angelegt, brauchen Sie eine neue Einladung.</translation>
    </message>
    <message>
        <source>Check the address, or ask the person who runs the server.</source>
        <translation>Prüfen Sie die Adresse, oder fragen Sie die Person, die den Server betreibt.</translation>
    </message>
    <message>
        <source>The person who runs the server can make a stronger one.</source>
        <translation>Die Person, die den Server betreibt, kann ein stärkeres anlegen.</translation>
    </message>
    <message>
        <source>Check the date of this computer. The person who runs the server can renew the certificate.</source>
        <translation>Prüfen Sie das Datum dieses Computers. Die Person, die den Server betreibt, kann das Zertifikat erneuern.</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
</context>
<context>
    <name>ChatPane</name>
    <message>
        <source>Messages with {name}</source>
        <translation>Nachrichten mit {name}</translation>
    </message>
    <message>
        <source>Say hello to {name}.</source>
        <translation>Begrüßen Sie {name}.</translation>
    </message>
    <message>
        <source>{name} is writing…</source>
        <translation>{name} schreibt …</translation>
    </message>
    <message>
        <source>Send</source>
        <translation>Senden</translation>
    </message>
    <message>
        <source>Jump to the newest message</source>
        <translation>Zur neuesten Nachricht springen</translation>
    </message>
    <message>
        <source>Message {name}</source>
        <translation>Nachricht an {name}</translation>
    </message>
</context>
<context>
    <name>ChoicesPage</name>
    <message>
        <source>Welcome</source>
        <translation>Willkommen</translation>
    </message>
    <message>
        <source>Welcome to Parlour</source>
        <translation>Willkommen bei Parlour</translation>
    </message>
    <message>
        <source>Talk with your office, over a server that is yours.</source>
        <translation>Sprechen Sie mit Ihrem Büro, über einen Server, der Ihnen gehört.</translation>
    </message>
    <message>
        <source>Join an office</source>
        <translation>Einem Büro beitreten</translation>
    </message>
    <message>
        <source>A colleague gave you a name and a password.</source>
        <translation>Jemand aus dem Team hat Ihnen Namen und Passwort gegeben.</translation>
    </message>
    <message>
        <source>Start an office on this computer</source>
        <translation>Auf diesem Computer ein Büro eröffnen</translation>
    </message>
    <message>
        <source>You host it, and your colleagues join you.</source>
        <translation>Sie beherbergen es, und Ihr Team tritt bei.</translation>
    </message>
    <message>
        <source>Sign in with an XMPP address</source>
        <translation>Mit einer XMPP-Adresse anmelden</translation>
    </message>
    <message>
        <source>You already have one, like romeo@montague.lit.</source>
        <translation>Sie haben schon eine, etwa romeo@montague.lit.</translation>
    </message>
</context>
<context>
    <name>ColleaguePanel</name>
    <message>
        <source>Add a colleague to the office</source>
        <translation>Teammitglied ins Büro aufnehmen</translation>
    </message>
    <message>
        <source>Parlour makes an account in your office. Then you tell the colleague what is needed to join, face to face or by telephone.</source>
        <translation>Parlour legt ein Konto in Ihrem Büro an. Was zum Beitreten nötig ist, sagen Sie der Person dann selbst, im Gespräch oder am Telefon.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Juliet Capulet</source>
        <translation>Juliet Capulet</translation>
    </message>
    <message>
        <source>Make the account</source>
        <translation>Konto anlegen</translation>
    </message>
    <message>
        <source>Copy all</source>
        <translation>Alles kopieren</translation>
    </message>
    <message>
        <source>Address of the office</source>
        <translation>Adresse des Büros</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Passwort</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>Port</translation>
    </message>
    <message>
        <source>Fingerprint</source>
        <translation>Fingerabdruck</translation>
    </message>
    <message>
        <source>Who is it for?</source>
        <translation>Für wen ist es?</translation>
    </message>
</context>
<context>
    <name>Composer</name>
    <message>
        <source>Message</source>
        <translation>Nachricht</translation>
    </message>
</context>
<context>
    <name>ConnectionBanner</name>
    <message>
        <source>Details</source>
        <translation>Einzelheiten</translation>
    </message>
    <message>
        <source>Copy report</source>
        <translation>Bericht kopieren</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
</context>
<context>
    <name>ConnectionController</name>
    <message>
        <source>{0}, port {1}</source>
        <translation>{0}, Port {1}</translation>
    </message>
    <message>
        <source>The password could not be kept: {0}</source>
        <translation>Das Passwort konnte nicht aufbewahrt werden: {0}</translation>
    </message>
</context>
<context>
    <name>ContactPanel</name>
    <message>
        <source>Details</source>
        <translation>Einzelheiten</translation>
    </message>
    <message>
        <source>Write a message</source>
        <translation>Nachricht schreiben</translation>
    </message>
    <message>
        <source>Add to my people</source>
        <translation>Zu meinen Personen hinzufügen</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Only you see it.</source>
        <translation>Nur Sie sehen ihn.</translation>
    </message>
    <message>
        <source>Rename</source>
        <translation>Umbenennen</translation>
    </message>
    <message>
        <source>New group</source>
        <translation>Neue Gruppe</translation>
    </message>
    <message>
        <source>Remove from my people</source>
        <translation>Aus meinen Personen entfernen</translation>
    </message>
    <message>
        <source>Copy the address</source>
        <translation>Adresse kopieren</translation>
    </message>
    <message>
        <source>Groups</source>
        <translation>Gruppen</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <source>Keep</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Not in your people</source>
        <translation>Nicht unter Ihren Personen</translation>
    </message>
    <message>
        <source>Remove {0}? You will no longer see each other&apos;s presence. The messages stay.</source>
        <translation>{0} entfernen? Sie sehen dann gegenseitig nicht mehr, ob Sie anwesend sind. Die Nachrichten bleiben.</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
</context>
<context>
    <name>ConversationDelegate</name>
    <message>
        <source>Yesterday</source>
        <translation>Gestern</translation>
    </message>
    <message>
        <source>is writing...</source>
        <translation>schreibt ...</translation>
    </message>
    <message>
        <source>Draft: {0}</source>
        <translation>Entwurf: {0}</translation>
    </message>
    <message>
        <source>You: {0}</source>
        <translation>Sie: {0}</translation>
    </message>
</context>
<context>
    <name>ConversationsModel</name>
    <message numerus="yes">
        <source>%n unread</source>
        <translation>
            <numerusform>%n ungelesen</numerusform>
            <numerusform>%n ungelesen</numerusform>
        </translation>
    </message>
    <message>
        <source>is writing</source>
        <translation>schreibt</translation>
    </message>
    <message>
        <source>Draft: {0}</source>
        <translation>Entwurf: {0}</translation>
    </message>
</context>
<context>
    <name>EmptyPage</name>
    <message>
        <source>next conversation</source>
        <translation>nächste Unterhaltung</translation>
    </message>
    <message>
        <source>find somebody</source>
        <translation>jemanden finden</translation>
    </message>
    <message>
        <source>all shortcuts</source>
        <translation>alle Tastenkürzel</translation>
    </message>
    <message>
        <source>No conversation is open</source>
        <translation>Keine Unterhaltung ist geöffnet</translation>
    </message>
    <message>
        <source>Choose somebody on the left, and write.</source>
        <translation>Wählen Sie links jemanden aus, und schreiben Sie.</translation>
    </message>
    <message>
        <source>Add a person</source>
        <translation>Person hinzufügen</translation>
    </message>
    <message>
        <source>You are the first here</source>
        <translation>Sie sind als Erstes hier</translation>
    </message>
    <message>
        <source>Add the people that you work with. They are asked, and then you can talk.</source>
        <translation>Fügen Sie die Personen hinzu, mit denen Sie arbeiten. Sie werden gefragt, und dann können Sie sprechen.</translation>
    </message>
    <message>
        <source>Add a colleague</source>
        <translation>Teammitglied hinzufügen</translation>
    </message>
</context>
<context>
    <name>FormPage</name>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Working</source>
        <translation>In Arbeit</translation>
    </message>
</context>
<context>
    <name>JoinOfficeForm</name>
    <message>
        <source>Join an office</source>
        <translation>Einem Büro beitreten</translation>
    </message>
    <message>
        <source>Ask the person who runs the office for these.</source>
        <translation>Fragen Sie die Person danach, die das Büro betreibt.</translation>
    </message>
    <message>
        <source>Join</source>
        <translation>Beitreten</translation>
    </message>
    <message>
        <source>Address of the office</source>
        <translation>Adresse des Büros</translation>
    </message>
    <message>
        <source>montague.internal</source>
        <translation>montague.internal</translation>
    </message>
    <message>
        <source>Your name in the office</source>
        <translation>Ihr Name im Büro</translation>
    </message>
    <message>
        <source>romeo</source>
        <translation>romeo</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Passwort</translation>
    </message>
    <message>
        <source>The computer that hosts the office: its name or number.</source>
        <translation>Der Computer, der das Büro beherbergt: sein Name oder seine Nummer.</translation>
    </message>
    <message>
        <source>Which office do you want to join?</source>
        <translation>Welchem Büro möchten Sie beitreten?</translation>
    </message>
    <message>
        <source>Under which name does the office know you?</source>
        <translation>Unter welchem Namen kennt Sie das Büro?</translation>
    </message>
    <message>
        <source>The office asks for a password.</source>
        <translation>Das Büro verlangt ein Passwort.</translation>
    </message>
</context>
<context>
    <name>LeftPane</name>
    <message>
        <source>Add a person</source>
        <translation>Person hinzufügen</translation>
    </message>
    <message>
        <source>CONVERSATIONS</source>
        <translation>UNTERHALTUNGEN</translation>
    </message>
    <message>
        <source>PEOPLE</source>
        <translation>PERSONEN</translation>
    </message>
    <message>
        <source>Conversations</source>
        <translation>Unterhaltungen</translation>
    </message>
    <message>
        <source>People</source>
        <translation>Personen</translation>
    </message>
    <message>
        <source>Filter people and conversations</source>
        <translation>Personen und Unterhaltungen filtern</translation>
    </message>
    <message>
        <source>Hide people who are offline</source>
        <translation>Abwesende ausblenden</translation>
    </message>
    <message>
        <source>Show people who are offline</source>
        <translation>Abwesende anzeigen</translation>
    </message>
    <message>
        <source>{0} of {1} here</source>
        <translation>{0} von {1} hier</translation>
    </message>
    <message numerus="yes">
        <source>%n new</source>
        <translation>
            <numerusform>%n neu</numerusform>
            <numerusform>%n neu</numerusform>
        </translation>
    </message>
    <message>
        <source>No conversation fits.</source>
        <translation>Keine Unterhaltung passt.</translation>
    </message>
    <message>
        <source>No conversations yet.</source>
        <translation>Noch keine Unterhaltungen.</translation>
    </message>
    <message>
        <source>Nobody fits.</source>
        <translation>Niemand passt.</translation>
    </message>
    <message>
        <source>You are the first here.</source>
        <translation>Sie sind als Erstes hier.</translation>
    </message>
    <message>
        <source>Add a colleague</source>
        <translation>Teammitglied hinzufügen</translation>
    </message>
    <message>
        <source>Nobody else is here right now.</source>
        <translation>Gerade ist sonst niemand hier.</translation>
    </message>
    <message>
        <source>Show everybody</source>
        <translation>Alle anzeigen</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Write a message</source>
        <translation>Nachricht schreiben</translation>
    </message>
    <message>
        <source>Name, groups, remove...</source>
        <translation>Name, Gruppen, entfernen ...</translation>
    </message>
    <message>
        <source>Details of the person</source>
        <translation>Einzelheiten zur Person</translation>
    </message>
</context>
<context>
    <name>MessageMenu</name>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Open link</source>
        <translation>Link öffnen</translation>
    </message>
    <message>
        <source>Copy link</source>
        <translation>Link kopieren</translation>
    </message>
</context>
<context>
    <name>MessageView</name>
    <message>
        <source>Messages</source>
        <translation>Nachrichten</translation>
    </message>
</context>
<context>
    <name>NoticeBar</name>
    <message>
        <source>OK</source>
        <translation>OK</translation>
    </message>
</context>
<context>
    <name>OfficeChip</name>
    <message>
        <source>Start</source>
        <translation>Starten</translation>
    </message>
</context>
<context>
    <name>OfficeWords</name>
    <message>
        <source>Office server: stopped</source>
        <translation>Büroserver: angehalten</translation>
    </message>
    <message>
        <source>Office server: starting...</source>
        <translation>Büroserver: startet ...</translation>
    </message>
    <message numerus="yes">
        <source>Office server: %n connected</source>
        <translation>
            <numerusform>Büroserver: %n verbunden</numerusform>
            <numerusform>Büroserver: %n verbunden</numerusform>
        </translation>
    </message>
    <message>
        <source>Office server: stopping...</source>
        <translation>Büroserver: hält an ...</translation>
    </message>
    <message>
        <source>Office server: not running</source>
        <translation>Büroserver: läuft nicht</translation>
    </message>
</context>
<context>
    <name>OwnStrip</name>
    <message>
        <source>Menu</source>
        <translation>Menü</translation>
    </message>
    <message>
        <source>Your presence: {0}</source>
        <translation>Ihre Anwesenheit: {0}</translation>
    </message>
</context>
<context>
    <name>PasswordField</name>
    <message>
        <source>Hide the password</source>
        <translation>Passwort verbergen</translation>
    </message>
    <message>
        <source>Show the password</source>
        <translation>Passwort anzeigen</translation>
    </message>
</context>
<context>
    <name>PasswordKeepingPage</name>
    <message>
        <source>Where shall your password be kept?</source>
        <translation>Wo soll Ihr Passwort aufbewahrt werden?</translation>
    </message>
    <message>
        <source>This computer has no password store that Parlour can use, so the choice is yours.</source>
        <translation>Dieser Computer hat keinen Passwortspeicher, den Parlour nutzen kann; Sie haben die Wahl.</translation>
    </message>
    <message>
        <source>Continue</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>In an encrypted file</source>
        <translation>In einer verschlüsselten Datei</translation>
    </message>
    <message>
        <source>Only until Parlour is closed</source>
        <translation>Nur bis Parlour beendet wird</translation>
    </message>
    <message>
        <source>Pass phrase</source>
        <translation>Kennsatz</translation>
    </message>
    <message>
        <source>Parlour asks for it at every start. Nobody can restore it if you forget it.</source>
        <translation>Parlour fragt bei jedem Start danach. Niemand kann ihn wiederherstellen, wenn Sie ihn vergessen.</translation>
    </message>
    <message>
        <source>Pass phrase, once more</source>
        <translation>Kennsatz, noch einmal</translation>
    </message>
    <message>
        <source>Protected by a pass phrase of your own.</source>
        <translation>Geschützt durch einen eigenen Kennsatz.</translation>
    </message>
    <message>
        <source>You type the password again at the next start.</source>
        <translation>Beim nächsten Start geben Sie das Passwort wieder ein.</translation>
    </message>
    <message>
        <source>Use at least 8 characters.</source>
        <translation>Verwenden Sie mindestens 8 Zeichen.</translation>
    </message>
    <message>
        <source>The two are not the same.</source>
        <translation>Die beiden sind nicht gleich.</translation>
    </message>
</context>
<context>
    <name>PasswordPage</name>
    <message>
        <source>Password</source>
        <translation>Passwort</translation>
    </message>
    <message>
        <source>Remember the password on this computer</source>
        <translation>Passwort auf diesem Computer merken</translation>
    </message>
    <message>
        <source>Sign in</source>
        <translation>Anmelden</translation>
    </message>
    <message>
        <source>Stay offline</source>
        <translation>Offline bleiben</translation>
    </message>
    <message>
        <source>The password was not accepted</source>
        <translation>Das Passwort wurde nicht angenommen</translation>
    </message>
    <message>
        <source>Your password, please</source>
        <translation>Ihr Passwort, bitte</translation>
    </message>
    <message>
        <source>For the account {0}.</source>
        <translation>Für das Konto {0}.</translation>
    </message>
    <message>
        <source>The pass phrase does not fit</source>
        <translation>Der Kennsatz passt nicht</translation>
    </message>
    <message>
        <source>Your pass phrase, please</source>
        <translation>Ihr Kennsatz, bitte</translation>
    </message>
    <message>
        <source>It opens the file in which your password is kept.</source>
        <translation>Er öffnet die Datei, in der Ihr Passwort aufbewahrt wird.</translation>
    </message>
    <message>
        <source>Pass phrase</source>
        <translation>Kennsatz</translation>
    </message>
    <message>
        <source>Type it first.</source>
        <translation>Geben Sie es zuerst ein.</translation>
    </message>
</context>
<context>
    <name>PeopleController</name>
    <message>
        <source>There is no connection. Try again when you are back online.</source>
        <translation>Es besteht keine Verbindung. Versuchen Sie es noch einmal, wenn Sie wieder online sind.</translation>
    </message>
    <message>
        <source>The server did not do it: {0}.</source>
        <translation>Der Server hat es nicht getan: {0}.</translation>
    </message>
    <message>
        <source>This is no address: {0}.</source>
        <translation>Das ist keine Adresse: {0}.</translation>
    </message>
    <message>
        <source>This is your own address.</source>
        <translation>Das ist Ihre eigene Adresse.</translation>
    </message>
</context>
<context>
    <name>PeopleModel</name>
    <message>
        <source>{0}, {1} of {2} here</source>
        <translation>{0}, {1} von {2} hier</translation>
    </message>
    <message>
        <source>Colleagues</source>
        <translation>Team</translation>
    </message>
    <message>
        <source>Others</source>
        <translation>Andere</translation>
    </message>
</context>
<context>
    <name>PresenceMenu</name>
    <message>
        <source>Presence</source>
        <translation>Anwesenheit</translation>
    </message>
    <message>
        <source>Write a status...</source>
        <translation>Status schreiben ...</translation>
    </message>
    <message>
        <source>Remove the status</source>
        <translation>Status entfernen</translation>
    </message>
    <message>
        <source>{0}, {1}</source>
        <translation>{0}, {1}</translation>
    </message>
</context>
<context>
    <name>PresenceWords</name>
    <message>
        <source>Free to chat</source>
        <translation>Gesprächsbereit</translation>
    </message>
    <message>
        <source>Available</source>
        <translation>Verfügbar</translation>
    </message>
    <message>
        <source>Away</source>
        <translation>Abwesend</translation>
    </message>
    <message>
        <source>Away for longer</source>
        <translation>Länger abwesend</translation>
    </message>
    <message>
        <source>Busy</source>
        <translation>Beschäftigt</translation>
    </message>
    <message>
        <source>Offline</source>
        <translation>Offline</translation>
    </message>
    <message>
        <source>Has not answered yet</source>
        <translation>Hat noch nicht geantwortet</translation>
    </message>
    <message>
        <source>{0} until {1}</source>
        <translation>{0} bis {1}</translation>
    </message>
</context>
<context>
    <name>PresetTexts</name>
    <message>
        <source>Lunch</source>
        <translation>Mittagspause</translation>
    </message>
    <message>
        <source>In a meeting</source>
        <translation>In einer Besprechung</translation>
    </message>
    <message>
        <source>Back in a moment</source>
        <translation>Gleich zurück</translation>
    </message>
    <message>
        <source>Do not disturb, please</source>
        <translation>Bitte nicht stören</translation>
    </message>
    <message>
        <source>Out for the day</source>
        <translation>Heute außer Haus</translation>
    </message>
    <message>
        <source>today</source>
        <translation>heute</translation>
    </message>
    <message numerus="yes">
        <source>%n min</source>
        <translation>
            <numerusform>%n Min.</numerusform>
            <numerusform>%n Min.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>Program</name>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
</context>
<context>
    <name>ProgramController</name>
    <message>
        <source>Parlour stays in the tray when you close the window.</source>
        <translation>Parlour bleibt in der Leiste, wenn Sie das Fenster schließen.</translation>
    </message>
    <message>
        <source>OK</source>
        <translation>OK</translation>
    </message>
    <message>
        <source>Quit instead</source>
        <translation>Stattdessen beenden</translation>
    </message>
</context>
<context>
    <name>QuitDialog</name>
    <message>
        <source>Quit Parlour</source>
        <translation>Parlour beenden</translation>
    </message>
    <message>
        <source>What about the office?</source>
        <translation>Was wird aus dem Büro?</translation>
    </message>
    <message numerus="yes">
        <source>Connected colleagues: %n. If you stop the office, they lose their connection.</source>
        <translation>
            <numerusform>Verbunden ist %n Person. Wenn Sie das Büro schließen, verliert sie ihre Verbindung.</numerusform>
            <numerusform>Verbunden sind %n Personen. Wenn Sie das Büro schließen, verlieren sie ihre Verbindung.</numerusform>
        </translation>
    </message>
    <message>
        <source>Keep it running</source>
        <translation>Weiterlaufen lassen</translation>
    </message>
    <message>
        <source>Stop the office</source>
        <translation>Büro schließen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>RequestCard</name>
    <message>
        <source>{0} wants to add you</source>
        <translation>{0} möchte Sie hinzufügen</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>Annehmen</translation>
    </message>
    <message>
        <source>Decline</source>
        <translation>Ablehnen</translation>
    </message>
    <message>
        <source>Accept {0}</source>
        <translation>{0} annehmen</translation>
    </message>
    <message>
        <source>Decline {0}</source>
        <translation>{0} ablehnen</translation>
    </message>
</context>
<context>
    <name>RequestCards</name>
    <message>
        <source>{0} wants to add you</source>
        <translation>{0} möchte Sie hinzufügen</translation>
    </message>
    <message numerus="yes">
        <source>%n more wait</source>
        <translation>
            <numerusform>%n weitere wartet</numerusform>
            <numerusform>%n weitere warten</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RightSide</name>
    <message>
        <source>Back to the people</source>
        <translation>Zurück zu den Personen</translation>
    </message>
    <message>
        <source>People</source>
        <translation>Personen</translation>
    </message>
</context>
<context>
    <name>RowTexts</name>
    <message>
        <source>waiting to be sent</source>
        <translation>wartet auf das Senden</translation>
    </message>
    <message>
        <source>sent</source>
        <translation>gesendet</translation>
    </message>
    <message>
        <source>delivered</source>
        <translation>zugestellt</translation>
    </message>
    <message>
        <source>not sent</source>
        <translation>nicht gesendet</translation>
    </message>
    <message>
        <source>Retry</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>Bearbeiten</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Not sent: {0}</source>
        <translation>Nicht gesendet: {0}</translation>
    </message>
    <message>
        <source>The server refused it.</source>
        <translation>Der Server hat sie abgelehnt.</translation>
    </message>
    <message>
        <source>New since {0}</source>
        <translation>Neu seit {0}</translation>
    </message>
</context>
<context>
    <name>Sentences</name>
    <message>
        <source>The office server does not run.</source>
        <translation>Der Büroserver läuft nicht.</translation>
    </message>
    <message>
        <source>The office server does not answer.</source>
        <translation>Der Büroserver antwortet nicht.</translation>
    </message>
    <message>
        <source>The office server has ended.</source>
        <translation>Der Büroserver hat sich beendet.</translation>
    </message>
    <message>
        <source>The certificate of the new office cannot be read.</source>
        <translation>Das Zertifikat des neuen Büros ist nicht lesbar.</translation>
    </message>
    <message>
        <source>The office server takes too long to start.</source>
        <translation>Der Büroserver braucht zu lange zum Starten.</translation>
    </message>
    <message>
        <source>The office server does not stop.</source>
        <translation>Der Büroserver hält nicht an.</translation>
    </message>
    <message>
        <source>The folder of the office cannot be written: {0}.</source>
        <translation>Der Ordner des Büros ist nicht beschreibbar: {0}.</translation>
    </message>
    <message>
        <source>The office server cannot be started: {0}.</source>
        <translation>Der Büroserver kann nicht gestartet werden: {0}.</translation>
    </message>
    <message>
        <source>The office server ended at once (status {0}).</source>
        <translation>Der Büroserver hat sich sofort beendet (Status {0}).</translation>
    </message>
    <message>
        <source>Making the office takes too long; it was given up.</source>
        <translation>Das Anlegen des Büros dauert zu lange; es wurde aufgegeben.</translation>
    </message>
    <message>
        <source>The office could not be made (status {0}).</source>
        <translation>Das Büro konnte nicht angelegt werden (Status {0}).</translation>
    </message>
    <message>
        <source>This computer hosts no office.</source>
        <translation>Dieser Computer beherbergt kein Büro.</translation>
    </message>
    <message>
        <source>The office server has ended. Start it again.</source>
        <translation>Der Büroserver hat sich beendet. Starten Sie ihn wieder.</translation>
    </message>
    <message>
        <source>The password file is locked.</source>
        <translation>Die Passwortdatei ist verschlossen.</translation>
    </message>
    <message>
        <source>The message is too long.</source>
        <translation>Die Nachricht ist zu lang.</translation>
    </message>
    <message>
        <source>There is nobody at this address.</source>
        <translation>Unter dieser Adresse ist niemand.</translation>
    </message>
    <message>
        <source>The server of this address cannot be reached.</source>
        <translation>Der Server dieser Adresse ist nicht erreichbar.</translation>
    </message>
    <message>
        <source>This address does not accept your messages.</source>
        <translation>Diese Adresse nimmt Ihre Nachrichten nicht an.</translation>
    </message>
    <message>
        <source>The server cannot take more messages for this address now.</source>
        <translation>Der Server kann für diese Adresse gerade keine Nachrichten mehr annehmen.</translation>
    </message>
    <message>
        <source>This address cannot be reached now.</source>
        <translation>Diese Adresse ist gerade nicht erreichbar.</translation>
    </message>
    <message>
        <source>The server refuses this message by its rules.</source>
        <translation>Der Server lehnt diese Nachricht nach seinen Regeln ab.</translation>
    </message>
    <message>
        <source>The server failed to deliver this message.</source>
        <translation>Der Server konnte diese Nachricht nicht zustellen.</translation>
    </message>
    <message>
        <source>The server refused this message ({0}).</source>
        <translation>Der Server hat diese Nachricht abgelehnt ({0}).</translation>
    </message>
    <message>
        <source>The password file {0} cannot be read: {1}.</source>
        <translation>Die Passwortdatei {0} ist nicht lesbar: {1}.</translation>
    </message>
    <message>
        <source>The password file {0} is of a newer version of Parlour.</source>
        <translation>Die Passwortdatei {0} stammt von einer neueren Version von Parlour.</translation>
    </message>
    <message>
        <source>The pass phrase does not open the password file.</source>
        <translation>Der Kennsatz öffnet die Passwortdatei nicht.</translation>
    </message>
    <message>
        <source>The password file {0} is damaged.</source>
        <translation>Die Passwortdatei {0} ist beschädigt.</translation>
    </message>
    <message>
        <source>The password could not be kept in {0}: {1}.</source>
        <translation>Das Passwort konnte nicht in {0} aufbewahrt werden: {1}.</translation>
    </message>
    <message>
        <source>The data of this profile is not open.</source>
        <translation>Die Daten dieses Profils sind nicht geöffnet.</translation>
    </message>
    <message>
        <source>The data of this profile ({0}) cannot be used: {1}.</source>
        <translation>Die Daten dieses Profils ({0}) sind nicht verwendbar: {1}.</translation>
    </message>
    <message>
        <source>The folder of this profile cannot be used: {0}.</source>
        <translation>Der Ordner dieses Profils ist nicht verwendbar: {0}.</translation>
    </message>
    <message>
        <source>The data of this profile ({0}) was written by a newer version of Parlour. Install the newer version, or start with another profile folder.</source>
        <translation>Die Daten dieses Profils ({0}) wurden von einer neueren Version von Parlour geschrieben. Installieren Sie die neuere Version, oder starten Sie mit einem anderen Profilordner.</translation>
    </message>
    <message>
        <source>The password store of this computer does not answer.</source>
        <translation>Der Passwortspeicher dieses Computers antwortet nicht.</translation>
    </message>
    <message>
        <source>This computer has no password store.</source>
        <translation>Dieser Computer hat keinen Passwortspeicher.</translation>
    </message>
    <message>
        <source>The password store of this computer refused: {0}.</source>
        <translation>Der Passwortspeicher dieses Computers hat abgelehnt: {0}.</translation>
    </message>
    <message>
        <source>The password store of this computer failed: {0}.</source>
        <translation>Der Passwortspeicher dieses Computers hat versagt: {0}.</translation>
    </message>
    <message>
        <source>The settings could not be saved: {0}.</source>
        <translation>Die Einstellungen konnten nicht gesichert werden: {0}.</translation>
    </message>
</context>
<context>
    <name>ServerFields</name>
    <message>
        <source>Server and port</source>
        <translation>Server und Port</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Port</source>
        <translation>Port</translation>
    </message>
    <message>
        <source>1 to 65535</source>
        <translation>1 bis 65535</translation>
    </message>
</context>
<context>
    <name>SettingsPage</name>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Farben</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Text size</source>
        <translation>Schriftgröße</translation>
    </message>
    <message>
        <source>Enter sends the message</source>
        <translation>Die Eingabetaste sendet die Nachricht</translation>
    </message>
    <message>
        <source>Show notifications</source>
        <translation>Benachrichtigungen anzeigen</translation>
    </message>
    <message>
        <source>Keep the office open when Parlour quits</source>
        <translation>Das Büro offen halten, wenn Parlour beendet wird</translation>
    </message>
    <message>
        <source>Change...</source>
        <translation>Ändern ...</translation>
    </message>
    <message>
        <source>Forget</source>
        <translation>Vergessen</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Esc</source>
        <translation>Esc</translation>
    </message>
    <message>
        <source>Found by the address of the account.</source>
        <translation>Über die Adresse des Kontos gefunden.</translation>
    </message>
    <message>
        <source>Those that this computer trusts, and no other.</source>
        <translation>Die, denen dieser Computer vertraut, und kein anderes.</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Aussehen</translation>
    </message>
    <message>
        <source>Writing</source>
        <translation>Schreiben</translation>
    </message>
    <message>
        <source>Shift+Enter begins a new line. Without this it is the reverse.</source>
        <translation>Umschalt+Eingabe beginnt eine neue Zeile. Ohne dies ist es umgekehrt.</translation>
    </message>
    <message>
        <source>Notifications</source>
        <translation>Benachrichtigungen</translation>
    </message>
    <message>
        <source>When a message comes and its conversation is not in front of you.</source>
        <translation>Wenn eine Nachricht kommt und ihre Unterhaltung nicht vor Ihnen liegt.</translation>
    </message>
    <message>
        <source>Connection</source>
        <translation>Verbindung</translation>
    </message>
    <message>
        <source>Server</source>
        <translation>Server</translation>
    </message>
    <message>
        <source>Trusted certificate</source>
        <translation>Zertifikat, dem vertraut wird</translation>
    </message>
    <message>
        <source>Office server</source>
        <translation>Büroserver</translation>
    </message>
    <message>
        <source>Your colleagues go on talking while this computer is on.</source>
        <translation>Ihr Team spricht weiter, solange dieser Computer an ist.</translation>
    </message>
</context>
<context>
    <name>ShortcutPage</name>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Esc</source>
        <translation>Esc</translation>
    </message>
    <message>
        <source>Ctrl+1 to Ctrl+{0}</source>
        <translation>Strg+1 bis Strg+{0}</translation>
    </message>
    <message>
        <source>First to ninth conversation</source>
        <translation>Erste bis neunte Unterhaltung</translation>
    </message>
    <message>
        <source>Back one step</source>
        <translation>Einen Schritt zurück</translation>
    </message>
</context>
<context>
    <name>SidePanel</name>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Esc</source>
        <translation>Esc</translation>
    </message>
</context>
<context>
    <name>SignInForm</name>
    <message>
        <source>Sign in</source>
        <translation>Anmelden</translation>
    </message>
    <message>
        <source>Use the address and the password of your account.</source>
        <translation>Verwenden Sie Adresse und Passwort Ihres Kontos.</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>romeo@montague.lit</source>
        <translation>romeo@montague.lit</translation>
    </message>
    <message>
        <source>Password</source>
        <translation>Passwort</translation>
    </message>
    <message>
        <source>Only needed if the address alone does not lead there.</source>
        <translation>Nur nötig, wenn die Adresse allein nicht dorthin führt.</translation>
    </message>
    <message>
        <source>An address looks like romeo@montague.lit.</source>
        <translation>Eine Adresse sieht aus wie romeo@montague.lit.</translation>
    </message>
    <message>
        <source>The account needs its password.</source>
        <translation>Das Konto braucht sein Passwort.</translation>
    </message>
</context>
<context>
    <name>StartOfficeForm</name>
    <message>
        <source>Start an office</source>
        <translation>Ein Büro eröffnen</translation>
    </message>
    <message>
        <source>The office lives on this computer. Your colleagues reach it while the computer is on.</source>
        <translation>Das Büro lebt auf diesem Computer. Ihr Team erreicht es, solange der Computer an ist.</translation>
    </message>
    <message>
        <source>Open the office</source>
        <translation>Büro eröffnen</translation>
    </message>
    <message>
        <source>Name of the office</source>
        <translation>Name des Büros</translation>
    </message>
    <message>
        <source>Montague and Sons</source>
        <translation>Montague und Söhne</translation>
    </message>
    <message>
        <source>Your name</source>
        <translation>Ihr Name</translation>
    </message>
    <message>
        <source>As your colleagues shall see it.</source>
        <translation>So, wie Ihr Team ihn sehen soll.</translation>
    </message>
    <message>
        <source>Romeo Montague</source>
        <translation>Romeo Montague</translation>
    </message>
    <message>
        <source>The office needs a name.</source>
        <translation>Das Büro braucht einen Namen.</translation>
    </message>
    <message>
        <source>Your colleagues need a name for you.</source>
        <translation>Ihr Team braucht einen Namen für Sie.</translation>
    </message>
</context>
<context>
    <name>StatusEditor</name>
    <message>
        <source>What are you doing?</source>
        <translation>Was tun Sie gerade?</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Presence</source>
        <translation>Anwesenheit</translation>
    </message>
    <message>
        <source>How long</source>
        <translation>Wie lange</translation>
    </message>
    <message>
        <source>until I change it</source>
        <translation>bis ich es ändere</translation>
    </message>
    <message>
        <source>for {0}</source>
        <translation>für {0}</translation>
    </message>
    <message>
        <source>Set</source>
        <translation>Setzen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
</context>
<context>
    <name>TrayPresenter</name>
    <message numerus="yes">
        <source>%n unread</source>
        <translation>
            <numerusform>%n ungelesen</numerusform>
            <numerusform>%n ungelesen</numerusform>
        </translation>
    </message>
    <message>
        <source>Hide Parlour</source>
        <translation>Parlour ausblenden</translation>
    </message>
    <message>
        <source>Show Parlour</source>
        <translation>Parlour anzeigen</translation>
    </message>
    <message>
        <source>Quit Parlour</source>
        <translation>Parlour beenden</translation>
    </message>
    <message>
        <source>Start the office server</source>
        <translation>Büroserver starten</translation>
    </message>
    <message>
        <source>Stop the office server</source>
        <translation>Büroserver anhalten</translation>
    </message>
    <message numerus="yes">
        <source>Office server: running, %n connected</source>
        <translation>
            <numerusform>Büroserver: läuft, %n verbunden</numerusform>
            <numerusform>Büroserver: läuft, %n verbunden</numerusform>
        </translation>
    </message>
    <message>
        <source>Office server: stopped</source>
        <translation>Büroserver: angehalten</translation>
    </message>
    <message>
        <source>Office server: starting...</source>
        <translation>Büroserver: startet ...</translation>
    </message>
    <message>
        <source>Office server: stopping...</source>
        <translation>Büroserver: hält an ...</translation>
    </message>
    <message>
        <source>Office server: not running</source>
        <translation>Büroserver: läuft nicht</translation>
    </message>
</context>
<context>
    <name>TroubleTexts</name>
    <message>
        <source>The server &quot;{0}&quot; cannot be found.</source>
        <translation>Der Server „{0}“ wurde nicht gefunden.</translation>
    </message>
    <message>
        <source>The computer that hosts the office ({0}) is off or out of reach.</source>
        <translation>Der Computer, der das Büro beherbergt ({0}), ist aus oder nicht erreichbar.</translation>
    </message>
    <message>
        <source>This computer is not connected to a network.</source>
        <translation>Dieser Computer ist mit keinem Netz verbunden.</translation>
    </message>
    <message>
        <source>Connection lost.</source>
        <translation>Verbindung verloren.</translation>
    </message>
    <message>
        <source>The office server is being restarted.</source>
        <translation>Der Büroserver wird neu gestartet.</translation>
    </message>
    <message>
        <source>You signed in on another window of this computer.</source>
        <translation>Sie haben sich in einem anderen Fenster dieses Computers angemeldet.</translation>
    </message>
    <message>
        <source>The password was not accepted.</source>
        <translation>Das Passwort wurde nicht angenommen.</translation>
    </message>
    <message>
        <source>Parlour does not have your password.</source>
        <translation>Parlour hat Ihr Passwort nicht.</translation>
    </message>
    <message>
        <source>This server is not known yet.</source>
        <translation>Dieser Server ist noch nicht bekannt.</translation>
    </message>
    <message>
        <source>This is not the server you joined.</source>
        <translation>Das ist nicht der Server, dem Sie beigetreten sind.</translation>
    </message>
    <message>
        <source>The certificate does not belong to &quot;{0}&quot;.</source>
        <translation>Das Zertifikat gehört nicht zu „{0}“.</translation>
    </message>
    <message>
        <source>The certificate of the server is not valid today.</source>
        <translation>Das Zertifikat des Servers ist heute nicht gültig.</translation>
    </message>
    <message>
        <source>The certificate is too weak.</source>
        <translation>Das Zertifikat ist zu schwach.</translation>
    </message>
    <message>
        <source>The server does not offer encryption, so Parlour does not sign in.</source>
        <translation>Der Server bietet keine Verschlüsselung an, deshalb meldet sich Parlour nicht an.</translation>
    </message>
    <message>
        <source>The server answered in a way that Parlour does not understand.</source>
        <translation>Der Server hat so geantwortet, dass Parlour es nicht versteht.</translation>
    </message>
    <message>
        <source>The server does not answer on port {1}. A firewall may block it.</source>
        <translation>Der Server antwortet nicht auf Port {1}. Vielleicht sperrt ihn eine Firewall.</translation>
    </message>
    <message>
        <source>Connecting to {0}...</source>
        <translation>Verbindung zu {0} wird aufgebaut ...</translation>
    </message>
    <message>
        <source>You are offline.</source>
        <translation>Sie sind offline.</translation>
    </message>
    <message>
        <source>The office on this computer is closed. Messages will be sent when it is open.</source>
        <translation>Das Büro auf diesem Computer ist geschlossen. Nachrichten werden gesendet, sobald es offen ist.</translation>
    </message>
    <message>
        <source>The office on this computer does not run.</source>
        <translation>Das Büro auf diesem Computer läuft nicht.</translation>
    </message>
    <message>
        <source>The office is being opened...</source>
        <translation>Das Büro wird geöffnet ...</translation>
    </message>
    <message>
        <source>{0} Trying again now.</source>
        <translation>{0} Ein neuer Versuch läuft.</translation>
    </message>
    <message>
        <source>{0} Next try in {1} s. Messages will be sent then.</source>
        <translation>{0} Nächster Versuch in {1} s. Nachrichten werden dann gesendet.</translation>
    </message>
    <message>
        <source>{0} Next try in {1} s.</source>
        <translation>{0} Nächster Versuch in {1} s.</translation>
    </message>
    <message>
        <source>Try now</source>
        <translation>Jetzt versuchen</translation>
    </message>
    <message>
        <source>Edit address</source>
        <translation>Adresse ändern</translation>
    </message>
    <message>
        <source>Enter password</source>
        <translation>Passwort eingeben</translation>
    </message>
    <message>
        <source>Sign in here</source>
        <translation>Hier anmelden</translation>
    </message>
    <message>
        <source>Look at it</source>
        <translation>Ansehen</translation>
    </message>
    <message>
        <source>Start the office</source>
        <translation>Büro öffnen</translation>
    </message>
    <message>
        <source>Network of this computer</source>
        <translation>Netz dieses Computers</translation>
    </message>
    <message>
        <source>Name of the server</source>
        <translation>Name des Servers</translation>
    </message>
    <message>
        <source>Answer of the server</source>
        <translation>Antwort des Servers</translation>
    </message>
    <message>
        <source>Encryption and certificate</source>
        <translation>Verschlüsselung und Zertifikat</translation>
    </message>
    <message>
        <source>Name and password</source>
        <translation>Name und Passwort</translation>
    </message>
    <message>
        <source>Session</source>
        <translation>Sitzung</translation>
    </message>
    <message>
        <source>done</source>
        <translation>erledigt</translation>
    </message>
    <message>
        <source>failed</source>
        <translation>gescheitert</translation>
    </message>
    <message>
        <source>not reached</source>
        <translation>nicht erreicht</translation>
    </message>
    <message>
        <source>Server: {0}, port {1}</source>
        <translation>Server: {0}, Port {1}</translation>
    </message>
    <message>
        <source>Connection report, {0}</source>
        <translation>Bericht zur Verbindung, {0}</translation>
    </message>
    <message>
        <source>Account: {0}</source>
        <translation>Konto: {0}</translation>
    </message>
    <message>
        <source>Fingerprint: {0}</source>
        <translation>Fingerabdruck: {0}</translation>
    </message>
</context>
<context>
    <name>WelcomeController</name>
    <message>
        <source>Opening the office...</source>
        <translation>Das Büro wird eröffnet ...</translation>
    </message>
    <message>
        <source>Connecting...</source>
        <translation>Verbindung wird aufgebaut ...</translation>
    </message>
    <message>
        <source>This is no address: {0}.</source>
        <translation>Das ist keine Adresse: {0}.</translation>
    </message>
</context>
</TS>
