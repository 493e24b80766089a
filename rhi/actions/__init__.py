"""The use cases: each module holds those of one subject."""
