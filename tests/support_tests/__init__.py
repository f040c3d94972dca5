"""The test support keeps its own promises."""
