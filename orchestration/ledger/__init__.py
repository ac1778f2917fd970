"""The ledger: what cannot be derived again. Append-only files, each named by its own hash and written atomically."""

from orchestration.ledger.files import LedgerError, came, first_seen, salt

__all__ = ["LedgerError", "came", "first_seen", "salt"]
