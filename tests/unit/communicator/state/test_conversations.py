from communicator.state.conversations import Conversation, Conversations
from tests.helpers.profile_data import JULIET, NURSE, at


def test_conversation_with_the_newest_message_comes_first() -> None:
    conversations = Conversations()
    conversations.put(Conversation(NURSE))
    conversations.put(Conversation(JULIET, last_at=at(1), unread=2))

    assert [conversation.jid for conversation in conversations.conversations] == [JULIET, NURSE]
    assert conversations.unread == 2


def test_removed_conversation_is_told_once() -> None:
    conversations = Conversations()
    conversations.put(Conversation(JULIET))
    removed: list[Conversation] = []
    conversations.conversation_removed.connect(removed.append)

    conversations.remove(JULIET)
    conversations.remove(JULIET)

    assert removed == [Conversation(JULIET)]


def test_conversation_that_did_not_change_is_not_told() -> None:
    conversations = Conversations()
    changed: list[Conversation] = []
    conversations.conversation_changed.connect(changed.append)

    conversations.put(Conversation(JULIET))
    conversations.put(Conversation(JULIET))

    assert changed == [Conversation(JULIET)]
