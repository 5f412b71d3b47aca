"""Edits of a hierarchy, the difference of two, change files, and the journal beside a file."""
