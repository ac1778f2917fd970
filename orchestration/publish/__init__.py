"""Publishing: the built marts become what readers open, whole or not at all."""

from orchestration.publish.publish import NotPassedError, begin, prepare, publish, seal

__all__ = ["NotPassedError", "begin", "prepare", "publish", "seal"]
