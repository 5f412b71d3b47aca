"""WordNet: its nouns as a hierarchy, and hierarchies for one's own class names."""
