"""What can go wrong with the data of a profile; each message is a sentence for the user."""


class StorageError(Exception):
    """The data of the profile could not be read or written."""


class DatabaseTooNewError(StorageError):
    """A newer version of the program wrote the database, and this one would damage it."""


class CredentialError(StorageError):
    """The password could not be kept or read back."""


class CredentialStoreMissingError(CredentialError):
    """This computer has no password store that answers."""


class WrongPassPhraseError(CredentialError):
    """The encrypted file does not open with this pass phrase, or somebody changed it."""
