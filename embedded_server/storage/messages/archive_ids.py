"""The ids that archives give to the world: numbers of messages, made unpredictable.

XEP-0313 1.1.3, section 3, wants ids that nobody can guess, and an archive wants numbers in order.
So an id is the number, encrypted as one block of AES with a key of this office: it needs no column,
and an id that was made up is recognised without looking for it.
"""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK_BYTES = 16
_NUMBER_BYTES = 8
_AT_ONCE = 256
_DIGITS = 2 * _BLOCK_BYTES


class ArchiveIds:
    """Turns numbers into ids and back.

    Args of the constructor:
        key: 32 bytes, secret, the same for ever.
        kind: At most eight letters; ids of one kind are none of another.
    """

    def __init__(self, key: bytes, kind: str = "message") -> None:
        cipher = Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 - one block for each number
        self._encrypt = cipher.encryptor().update
        self._decrypt = cipher.decryptor().update
        self._kind = kind.encode().ljust(_BLOCK_BYTES - _NUMBER_BYTES, b"\0")
        self._newest_lot = -1
        self._newest_ids = ""

    def id_of(self, number: int) -> str:
        """Return the id of a number, 0 to 2^63 - 1; 32 digits and letters.

        Ids of new messages are asked one after the other, so that they are made in lots.
        """
        lot, place = divmod(number, _AT_ONCE)
        if lot > self._newest_lot:
            self._newest_lot = lot
            self._newest_ids = self._ids(range(lot * _AT_ONCE, (lot + 1) * _AT_ONCE))
        if lot == self._newest_lot:
            return self._newest_ids[place * _DIGITS : (place + 1) * _DIGITS]
        return self._ids(range(number, number + 1))

    def number_of(self, archive_id: str) -> int | None:
        """Return the number of an id; None if it is no id of this office and kind."""
        try:
            block = bytes.fromhex(archive_id)
        except ValueError:
            return None
        if len(block) != _BLOCK_BYTES or block.hex() != archive_id:
            return None
        clear = self._decrypt(block)
        if not clear.startswith(self._kind):
            return None
        return int.from_bytes(clear[-_NUMBER_BYTES:])

    def _ids(self, numbers: range) -> str:
        clear = b"".join(self._kind + number.to_bytes(_NUMBER_BYTES) for number in numbers)
        return self._encrypt(clear).hex()
