"""What the cluster holds, as files: validate them, plan what would change, apply it."""

from plugin.assets.values import AssetValues

__all__ = ["AssetValues"]
