"""Publishing: the built marts become what readers open, whole or not at all."""

from orchestration.publish.publish import NotPassedError, begin, opened, prepare, publish, seal

__all__ = ["NotPassedError", "begin", "opened", "prepare", "publish", "seal"]
