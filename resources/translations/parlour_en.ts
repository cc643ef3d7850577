<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>ConversationsModel</name>
    <message numerus="yes">
        <source>%n unread</source>
        <translation>
            <numerusform>%n unread</numerusform>
            <numerusform>%n unread</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>LeftPane</name>
    <message numerus="yes">
        <source>%n new</source>
        <translation>
            <numerusform>%n new</numerusform>
            <numerusform>%n new</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>OfficeWords</name>
    <message numerus="yes">
        <source>Office server: %n connected</source>
        <translation>
            <numerusform>Office server: %n connected</numerusform>
            <numerusform>Office server: %n connected</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PresetTexts</name>
    <message numerus="yes">
        <source>%n min</source>
        <translation>
            <numerusform>%n min</numerusform>
            <numerusform>%n min</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>QuitDialog</name>
    <message numerus="yes">
        <source>Connected colleagues: %n. If you stop the office, they lose their connection.</source>
        <translation>
            <numerusform>%n colleague is connected. If you stop the office, the connection is lost.</numerusform>
            <numerusform>%n colleagues are connected. If you stop the office, they lose their connection.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>RequestCards</name>
    <message numerus="yes">
        <source>%n more wait</source>
        <translation>
            <numerusform>%n more waits</numerusform>
            <numerusform>%n more wait</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>TrayPresenter</name>
    <message numerus="yes">
        <source>%n unread</source>
        <translation>
            <numerusform>%n unread</numerusform>
            <numerusform>%n unread</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Office server: running, %n connected</source>
        <translation>
            <numerusform>Office server: running, %n connected</numerusform>
            <numerusform>Office server: running, %n connected</numerusform>
        </translation>
    </message>
</context>
</TS>
