from communicator.state.signals import Signal, Subscriptions


def test_listeners_are_told_in_the_order_of_connection_until_they_disconnect() -> None:
    signal: Signal[str] = Signal()
    heard: list[str] = []
    disconnect = signal.connect(lambda value: heard.append(f"first {value}"))
    signal.connect(lambda value: heard.append(f"second {value}"))

    signal.emit("a")
    disconnect()
    disconnect()
    signal.emit("b")

    assert heard == ["first a", "second a", "second b"]


def test_listener_may_disconnect_while_it_is_told() -> None:
    signal: Signal[int] = Signal()
    heard: list[int] = []
    disconnect = signal.connect(lambda _: disconnect())
    signal.connect(heard.append)

    signal.emit(1)

    assert heard == [1]


def test_subscriptions_end_together() -> None:
    signal: Signal[int] = Signal()
    heard: list[int] = []
    subscriptions = Subscriptions()
    subscriptions.add(signal.connect(heard.append), signal.connect(heard.append))

    subscriptions.end()
    subscriptions.end()
    signal.emit(1)

    assert heard == []
